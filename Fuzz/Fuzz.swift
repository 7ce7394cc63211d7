import Foundation

/// What libFuzzer calls: `INDELIBLE_FUZZ_TARGET` says which parser gets the bytes (see `make fuzz`).
private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["INDELIBLE_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        let known = FuzzTarget.allCases.map(\.rawValue).joined(separator: " ")
        preconditionFailure("set INDELIBLE_FUZZ_TARGET to one of: \(known)")
    }
    return target
}()

/// One input, of the many that libFuzzer makes up.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe target.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
