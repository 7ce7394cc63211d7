/// The features on the way to a node, and how subsets of them of every size weigh.
///
/// - SeeAlso: Lundberg and others, 2018, algorithm 2, whose EXTEND and UNWIND these are.
struct ShapleyPath {
    private struct Element {
        var feature: Int
        /// Share of the training rows that go this way when the feature is not known.
        var zero: Double
        /// 1 when the row goes this way, else 0.
        var one: Double
        var weight: Double
    }

    /// The first stands for the root.
    private var elements: [Element] = []

    var count: Int { self.elements.count }

    mutating func extend(zero: Double, one: Double, feature: Int) {
        let depth = self.elements.count
        self.elements.append(Element(feature: feature, zero: zero, one: one, weight: depth == 0 ? 1 : 0))
        let size = Double(depth + 1)
        for index in (0..<depth).reversed() {
            let weight = self.elements[index].weight
            self.elements[index + 1].weight += one * weight * Double(index + 1) / size
            self.elements[index].weight = zero * weight * Double(depth - index) / size
        }
    }

    /// Takes an earlier split on the same feature off the path; 1 and 1 when there is none.
    mutating func removeEarlier(_ feature: Int) -> (zero: Double, one: Double) {
        guard let index = self.elements.dropFirst().firstIndex(where: { $0.feature == feature }) else { return (1, 1) }
        let (zero, one) = (self.elements[index].zero, self.elements[index].one)
        let depth = self.elements.count - 1
        let size = Double(depth + 1)
        var next = self.elements[depth].weight
        for position in (0..<depth).reversed() {
            let weight = self.elements[position].weight
            if one != 0 {
                self.elements[position].weight = next * size / (Double(position + 1) * one)
                next = weight - self.elements[position].weight * zero * Double(depth - position) / size
            } else {
                self.elements[position].weight = weight * size / (zero * Double(depth - position))
            }
        }
        for position in index..<depth {
            let following = self.elements[position + 1]
            self.elements[position].feature = following.feature
            self.elements[position].zero = following.zero
            self.elements[position].one = following.one
        }
        self.elements.removeLast()
        return (zero, one)
    }

    /// The feature of an element, and its share in what the leaf at the end of the path adds.
    func share(of index: Int) -> (feature: Int, share: Double) {
        let element = self.elements[index]
        let depth = self.elements.count - 1
        let size = Double(depth + 1)
        var next = self.elements[depth].weight
        var total = 0.0
        for position in (0..<depth).reversed() {
            let weight = self.elements[position].weight
            if element.one != 0 {
                let part = next * size / (Double(position + 1) * element.one)
                total += part
                next = weight - part * element.zero * Double(depth - position) / size
            } else {
                total += weight * size / (element.zero * Double(depth - position))
            }
        }
        return (element.feature, total * (element.one - element.zero))
    }
}
