internal import Primitives

/// What a model was trained for: how its base score becomes a margin, and its margins a prediction.
struct XGBoostObjective {
    let name: String
    let transform: OutputTransform
    private let link: Link

    private enum Link {
        case identity
        case logit
        case logarithm
    }

    /// - Throws: ``IndelibleError/Code/invalidArgument`` for a name that is not known, as its link is then not known either.
    init(name: String) throws(IndelibleError) {
        self.name = name
        switch name {
        case "binary:logistic", "reg:logistic": (self.link, self.transform) = (.logit, .sigmoid(slope: 1))
        case "count:poisson", "reg:gamma", "reg:tweedie", "survival:cox":
            (self.link, self.transform) = (.logarithm, .exponential)
        case "reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror", "reg:quantileerror", "binary:logitraw",
            "rank:pairwise", "rank:ndcg", "rank:map":
            (self.link, self.transform) = (.identity, .identity)
        case "binary:hinge": (self.link, self.transform) = (.identity, .step)
        case "multi:softprob": (self.link, self.transform) = (.identity, .softmax)
        case "multi:softmax": (self.link, self.transform) = (.identity, .largest)
        default: throw .model("its objective \"\(name)\" is not supported")
        }
    }

    /// Computed in binary32, as the training library does.
    func margin(_ baseScore: Float) -> Float {
        switch self.link {
        case .identity: baseScore
        case .logit: OutputTransform.logit(baseScore)
        case .logarithm: OutputTransform.logarithm(baseScore)
        }
    }
}
