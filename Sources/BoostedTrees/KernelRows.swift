/// Rows that lie one after the other.
@safe struct KernelRows {
    @unsafe enum Values {
        case single(UnsafePointer<Float>)
        case double(UnsafePointer<Double>)
    }

    let values: Values
    /// Values in a row.
    let stride: Int
    let count: Int

    var areSingle: Bool { if case .single = unsafe self.values { true } else { false } }

    /// Some of the rows.
    func rows(from first: Int, count: Int) -> KernelRows {
        let values: Values
        switch unsafe self.values {
        case .single(let base): unsafe values = .single(unsafe base + first * self.stride)
        case .double(let base): unsafe values = .double(unsafe base + first * self.stride)
        }
        return unsafe KernelRows(values: values, stride: self.stride, count: count)
    }

    /// One value, as a model that sums in `Scalar` sees it.
    func value<Scalar: BinaryFloatingPoint>(_ row: Int, _ feature: Int) -> Scalar {
        precondition(row < self.count && feature < self.stride, "a row has one value per feature")
        switch unsafe self.values {
        case .single(let base): return unsafe Scalar(base[row * self.stride + feature])
        case .double(let base): return unsafe Scalar(base[row * self.stride + feature])
        }
    }
}
