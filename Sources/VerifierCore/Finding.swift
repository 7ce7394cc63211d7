/// Something in a log that is not as it must be, and where.
package struct Finding: Error, Equatable, Sendable {
    /// Stable names; they are printed and put on record.
    package enum Kind: String, Sendable, CaseIterable {
        /// An entry whose bytes are not those that were recorded.
        case payloadAltered = "payload-altered"
        /// An entry, or the file with it, that must be there and is not.
        case entryMissing = "entry-missing"
        /// Entries that stand in another place than they did, or twice.
        case reordered
        /// A log that has become shorter than it was.
        case truncated
        /// Two histories, both signed by the log.
        case forked
        /// A tile that does not follow from the entries, or is not there.
        case tileWrong = "tile-wrong"
        /// A seal that does not seal what stands before it.
        case sealInvalid = "seal-invalid"
        /// A verdict that is not about the entry that it names, is the second of its model about an event, or is by a model
        /// that the operator has not put on record.
        case verdictInvalid = "verdict-invalid"
        /// A seal or a key record by a key that the operator does not vouch for.
        case keyUnknown = "key-unknown"
        /// A checkpoint that cannot be read, or is not signed by the log's key.
        case checkpointInvalid = "checkpoint-invalid"
        /// A root that does not follow from the entries.
        case rootWrong = "root-wrong"
        /// Numbers of a source that were left out.
        case gap
        /// A source that was to be heard of, and is not.
        case silence
        /// Entries that no new checkpoint covers.
        case checkpointStale = "checkpoint-stale"
        /// A clock that stands before what was signed already.
        case clock
        /// A log or another verifier that cannot be asked.
        case unreachable

        /// Whether it says that the record itself is not what it was; nobody can mute those.
        package var isIntegrity: Bool {
            switch self {
            case .gap, .silence, .checkpointStale, .clock, .unreachable: false
            default: true
            }
        }

        /// What whoever is told should do.
        package var remedy: String {
            switch self {
            case .payloadAltered, .entryMissing, .reordered:
                "Keep the ledger's disk as it is, run `indelible fsck` beside it, and restore that segment or payload from a "
                    + "copy."
            case .truncated: "Keep the ledger's disk as it is; if its newest entries are gone, the log has ended."
            case .forked: "Trust neither history. Keep the evidence, replace the log's key, and ask who has had it."
            case .tileWrong: "Export or derive the tile again; until then proofs that need it fail."
            case .sealInvalid: "Compare with the collector's own records, and ask who has had its key."
            case .verdictInvalid:
                "Trust no verdict of that entry; recompute them with `indelible verdict replay`, and ask who may append."
            case .keyUnknown: "Find out whose key it is; enrol it with the operator's root key, or revoke it."
            case .checkpointInvalid:
                "Check the log's key in the policy; if it is right, somebody else answers for the log."
            case .rootWrong: "Run `indelible verify` from another machine, and compare what both were shown."
            case .gap: "Look for the missing numbers at the source, and in the records of its collector."
            case .silence: "Check that the source and its collector run."
            case .checkpointStale: "See `indelible status`: the ledger says why it does not sign."
            case .clock: "Set the clock of the machine."
            case .unreachable: "Check that it runs, and the network between."
            }
        }
    }

    package let kind: Kind
    /// The first entry concerned; `nil` when it cannot be told.
    package let index: UInt64?
    /// The file or resource concerned.
    package let path: String?
    package let expected: String?
    package let found: String?

    package init(
        _ kind: Kind,
        index: UInt64? = nil,
        path: String? = nil,
        expected: String? = nil,
        found: String? = nil,
    ) {
        self.kind = kind
        self.index = index
        self.path = path
        self.expected = expected
        self.found = found
    }
}
