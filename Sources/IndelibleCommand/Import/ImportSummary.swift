import JSONText

/// What an import did: the object that `indelible import --json` prints.
package struct ImportSummary: Sendable, Equatable {
    /// A record or a file that was not taken in.
    package struct Rejection: Sendable, Equatable {
        package let file: String
        package let line: Int
        /// Its place among the file's records, from 1; 0 when the fault is the file's.
        package let record: UInt64
        package let reason: String

        package init(file: String, line: Int, record: UInt64, reason: String) {
            self.file = file
            self.line = line
            self.record = record
            self.reason = reason
        }
    }

    /// Rejections kept for the object; all of them are counted and told of as they happen.
    package static let rejectionCountMax = 1000

    package private(set) var accepted: UInt64 = 0
    package private(set) var duplicates: UInt64 = 0
    package private(set) var rejected: UInt64 = 0
    /// Indexes of the first and the last event; `nil` while none is in the ledger.
    package private(set) var firstIndex: UInt64?
    package private(set) var lastIndex: UInt64?
    package private(set) var rejections: [Rejection] = []

    package init() {}

    package mutating func count(accepted: UInt64, duplicates: UInt64) {
        self.accepted += accepted
        self.duplicates += duplicates
    }

    package mutating func cover(_ indexes: ClosedRange<UInt64>) {
        self.firstIndex = min(self.firstIndex ?? indexes.lowerBound, indexes.lowerBound)
        self.lastIndex = max(self.lastIndex ?? indexes.upperBound, indexes.upperBound)
    }

    package mutating func reject(_ rejection: Rejection) {
        self.rejected += 1
        if self.rejections.count < Self.rejectionCountMax { self.rejections.append(rejection) }
    }

    /// One line of JSON, whose names and their order stay; more may be added at the end.
    package var json: String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("accepted", self.accepted)
            writer.member("duplicates", self.duplicates)
            writer.member("rejected", self.rejected)
            for (name, index) in [("first_index", self.firstIndex), ("last_index", self.lastIndex)] {
                writer.key(name)
                if let index { writer.integer(index) } else { writer.null() }
            }
            writer.key("rejections")
            writer.array { writer in
                for rejection in self.rejections { Self.write(rejection, to: &writer) }
            }
        }
        return writer.text
    }

    private static func write(_ rejection: Rejection, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("file", rejection.file)
            writer.member("line", rejection.line)
            writer.member("record", rejection.record)
            writer.member("reason", rejection.reason)
        }
    }

    /// For people.
    package var sentence: String {
        var text = "\(self.accepted) accepted, \(self.duplicates) already in the log, \(self.rejected) rejected"
        if let first = self.firstIndex, let last = self.lastIndex { text += "; entries \(first) to \(last)" }
        return text
    }
}
