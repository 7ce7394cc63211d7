package import Primitives

extension TrustPolicy {
    /// Reads a policy file.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` with the number of the line.
    package init(parsing bytes: [UInt8]) throws(IndelibleError) {
        guard bytes.count <= Self.byteCountMax else {
            throw IndelibleError(.invalidArgument, "A policy may have \(Self.byteCountMax) bytes.")
        }
        var parser = TrustPolicyParser()
        var cursor = LineCursor(bytes)
        while let line = cursor.next() { try parser.read(line) }
        guard cursor.rest.isEmpty else { throw parser.refusal("a line must be UTF-8 and end in a line feed") }
        self = try parser.finish()
    }
}

/// Reads a policy line by line.
private struct TrustPolicyParser {
    private var lineNumber = 0
    private var logs: [TrustPolicy.Log] = []
    private var witnesses: [TrustPolicy.Witness] = []
    private var groups: [TrustPolicy.Group] = []
    /// Looked up by bytes, as a policy compares names.
    private var names: [[UInt8]: TrustPolicy.Member] = [:]
    private var grouped: Set<TrustPolicy.Member> = []
    /// The outer `nil`: no such line yet.
    private var quorum: TrustPolicy.Member??

    mutating func read(_ line: String) throws(IndelibleError) {
        self.lineNumber += 1
        guard line.utf8.allSatisfy({ $0 == UInt8(ascii: "\t") || ($0 >= 0x20 && $0 != 0x7f) }) else {
            throw self.refusal("control characters are not allowed")
        }
        let fields = line.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            .map { String(decoding: $0, as: UTF8.self) }
        guard let keyword = fields.first, keyword.utf8.first != UInt8(ascii: "#") else { return }
        switch (keyword, fields.count) {
        case ("log", 2...3): try self.log(fields)
        case ("witness", 3...4): try self.witness(fields)
        case ("group", 4...): try self.group(fields)
        case ("quorum", 2): try self.quorum(fields[1])
        default:
            throw self.refusal(
                "expected 'log VKEY [URL]', 'witness NAME VKEY [URL]', 'group NAME all|any|K MEMBER...' or 'quorum NAME'"
            )
        }
    }

    consuming func finish() throws(IndelibleError) -> TrustPolicy {
        guard let quorum = self.quorum else { throw self.refusal("the policy has no quorum line") }
        return TrustPolicy(logs: self.logs, witnesses: self.witnesses, groups: self.groups, quorum: quorum)
    }

    func refusal(_ reason: String) -> IndelibleError {
        IndelibleError(.invalidArgument, "Line \(self.lineNumber) of the policy: \(reason).")
    }

    private mutating func log(_ fields: [String]) throws(IndelibleError) {
        let key = try self.key(fields[1])
        guard key.type != .cosignature else { throw self.refusal("the key is a witness's") }
        guard !self.logs.contains(where: { $0.key.publicKey == key.publicKey }) else {
            throw self.refusal("another log line has the same public key")
        }
        guard self.logs.count < TrustPolicy.logCountMax else {
            throw self.refusal("more than \(TrustPolicy.logCountMax) logs")
        }
        self.logs.append(TrustPolicy.Log(key: key, url: fields.count > 2 ? fields[2] : nil))
    }

    private mutating func witness(_ fields: [String]) throws(IndelibleError) {
        let key = try self.key(fields[2])
        guard key.type != .ed25519 else { throw self.refusal("the key is a log's") }
        guard !self.witnesses.contains(where: { $0.key.publicKey == key.publicKey }) else {
            throw self.refusal("another witness line has the same public key")
        }
        guard self.witnesses.count < TrustPolicy.witnessCountMax else {
            throw self.refusal("more than \(TrustPolicy.witnessCountMax) witnesses")
        }
        try self.define(fields[1], as: .witness(self.witnesses.count))
        self.witnesses.append(TrustPolicy.Witness(name: fields[1], key: key, url: fields.count > 3 ? fields[3] : nil))
    }

    private mutating func group(_ fields: [String]) throws(IndelibleError) {
        var members: [TrustPolicy.Member] = []
        for name in fields.dropFirst(3) {
            guard let member = self.names[Array(name.utf8)] else {
                throw self.refusal("no witness or group above is called \(name)")
            }
            guard self.grouped.insert(member).inserted else {
                throw self.refusal("\(name) is in a group already")
            }
            members.append(member)
        }
        let threshold: Int
        switch fields[2] {
        case "all": threshold = members.count
        case "any": threshold = 1
        default:
            guard let count = Decimal.parse(fields[2]), count >= 1, count <= UInt64(members.count) else {
                throw self.refusal("the threshold must be 'all', 'any' or 1 to \(members.count)")
            }
            threshold = Int(count)
        }
        guard self.groups.count < TrustPolicy.groupCountMax else {
            throw self.refusal("more than \(TrustPolicy.groupCountMax) groups")
        }
        try self.define(fields[1], as: .group(self.groups.count))
        self.groups.append(TrustPolicy.Group(name: fields[1], threshold: threshold, members: members))
    }

    private mutating func quorum(_ name: String) throws(IndelibleError) {
        guard self.quorum == nil else { throw self.refusal("there is a quorum line already") }
        if name.hasSameBytes(as: "none") {
            self.quorum = .some(nil)
            return
        }
        guard let member = self.names[Array(name.utf8)] else {
            throw self.refusal("no witness or group above is called \(name)")
        }
        self.quorum = .some(member)
    }

    private mutating func define(_ name: String, as member: TrustPolicy.Member) throws(IndelibleError) {
        guard !name.hasSameBytes(as: "none") else { throw self.refusal("the name 'none' is reserved") }
        guard self.names.updateValue(member, forKey: Array(name.utf8)) == nil else {
            throw self.refusal("the name \(name) is taken")
        }
    }

    private func key(_ text: String) throws(IndelibleError) -> VerifierKey {
        do throws(IndelibleError) { return try VerifierKey(parsing: text) } catch {
            throw IndelibleError(.invalidArgument, "Line \(self.lineNumber) of the policy: \(error.message)")
        }
    }
}
