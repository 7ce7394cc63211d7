internal import AuditModel

/// What sources' words for an outcome mean.
enum OutcomeWord {
    /// - Returns: `unknown` for words that say nothing of success.
    static func result(_ text: String) -> AuditEvent.Outcome.Result {
        if let code = Int(text) { return Self.result(httpStatus: code) }
        let words = ActionName.words(text)
        if words.contains(where: Self.denied.contains) { return .denied }
        if words.contains(where: Self.failed.contains) {
            return words.contains("no") || words.contains("without") ? .success : .failure  // LOGIN_NO_ERROR
        }
        return words.contains(where: Self.succeeded.contains) ? .success : .unknown
    }

    /// 1xx to 3xx succeed, 401 and 403 are denials, everything else from 400 fails.
    static func result(httpStatus: Int) -> AuditEvent.Outcome.Result {
        switch httpStatus {
        case 0, 100..<400: .success
        case 401, 403: .denied
        case 400...: .failure
        default: .unknown
        }
    }

    private static let denied = Self.set(
        "denied deny denies forbidden unauthorized block blocked fraud rejected reject prohibited challenge intervened"
    )
    private static let failed = Self.set(
        "fail failed fails failure error errors invalid incorrect expired false timeout canceled cancelled not aborted "
            + "unsuccessful bad mismatch"
    )
    private static let succeeded = Self.set(
        "success succeeded successful succeed ok allow allowed true granted completed accept accepted active none passed "
            + "permit permitted approved finished done started begin correct"
    )

    private static func set(_ words: String) -> Set<String> { Set(words.split(separator: " ").map(String.init)) }
}
