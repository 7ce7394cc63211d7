#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// From raw margins to what the training library calls a prediction.
///
/// Predictions are for people. Decisions compare raw margins, so the last bit of an exponential function, which differs
/// between C libraries, cannot change one.
package enum OutputTransform: Equatable, Sendable {
    case identity
    /// `1 / (1 + exp(-slope * margin))`, per group.
    case sigmoid(slope: Double)
    /// Exponentials that sum to 1.
    case softmax
    /// The position of the largest margin, the first of equals.
    case largest
    case exponential
    /// 1 when the margin is above 0.
    case step
    /// The square, with the margin's sign.
    case signedSquare

    /// One value for each group, except for ``largest``, which gives one value.
    package func predictions(_ margins: [Double]) -> [Double] {
        switch self {
        case .identity: return margins
        case .sigmoid(let slope): return margins.map { 1 / (1 + exp(-slope * $0)) }
        case .exponential: return margins.map { exp($0) }
        case .step: return margins.map { $0 > 0 ? 1 : 0 }
        case .signedSquare: return margins.map { $0.sign == .minus ? -($0 * $0) : $0 * $0 }
        case .softmax:
            let largest = margins.max() ?? 0
            let powers = margins.map { exp($0 - largest) }
            let sum = powers.reduce(0, +)
            return powers.map { $0 / sum }
        case .largest:
            var best = 0
            for position in margins.indices where margins[position] > margins[best] { best = position }
            return [Double(best)]
        }
    }

    /// The margin that `logit(probability)` is in binary32, as XGBoost computes it.
    static func logit(_ probability: Float) -> Float { -logf(1 / probability - 1) }

    /// The natural logarithm in binary32.
    static func logarithm(_ value: Float) -> Float { logf(value) }
}
