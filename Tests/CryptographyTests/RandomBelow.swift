import Primitives

extension SplitMix64 {
    mutating func below(_ bound: Int) -> Int { Int(self.next() % UInt64(bound)) }
}
