import AuditModel
import Primitives
import ProtobufC
import ServiceProtocol

/// A made-up event whose serialised entry has exactly the size that was asked for.
struct LoadEvent: Sendable {
    /// In the template; each event that is sent gets its own.
    let id = EventID(unixMilliseconds: 1, randomness: (1, 1))
    private let collector: String
    private var raw: [UInt8] = []
    private var session = ""

    /// Characters that make up for sizes that no length of ``raw`` leads to: there its length takes one more byte.
    private static let sessionByteCountMax = 3
    /// What ``raw``, ``session`` and their tags and lengths may add besides the bytes of ``raw``.
    private static let overheadByteCountMax = 24

    /// - Parameters:
    ///   - entryByteCount: bytes of the serialised entry: blind, stamp and event.
    ///   - collector: name that the stamp carries.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when no such entry has that size.
    init(entryByteCount: Int, collector: String) throws(IndelibleError) {
        self.collector = collector
        let actor = Self.actor(0)
        let least = self.entry(actor: actor).count
        for sessionByteCount in 0...Self.sessionByteCountMax {
            self.session = String(repeating: "s", count: sessionByteCount)
            // Too long by the tags and lengths, at most.
            let longest = max(0, entryByteCount - least)
            for rawByteCount in (max(0, longest - Self.overheadByteCountMax)...longest).reversed() {
                self.raw = Self.record(byteCount: rawByteCount)
                if self.entry(actor: actor).count == entryByteCount { return }
            }
        }
        let choice =
            entryByteCount < least
            ? "a --size of \(least + 3) to \(ProtocolLimits.entryByteCountMax)" : "--size \(entryByteCount + 1)"
        throw IndelibleError(
            .invalidArgument,
            "No event of this load has an entry of exactly \(entryByteCount) bytes. Choose \(choice).",
        )
    }

    /// The name of an actor, as long for each of ``LoadTemplate/actorCount``.
    static func actor(_ number: Int) -> String {
        let digits = String(number)
        return "load/actor-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    func event(actor: String) -> AuditEvent {
        var event = AuditEvent()
        event.id = self.id
        // Any time but 0, which would be left out.
        event.occurredNanoseconds = 1
        event.source = "load"
        event.actor = .init(id: actor, kind: .service)
        event.action = "load.request.create"
        event.actionClass = .create
        event.targets = [.init(kind: "request", id: "load/target")]
        event.outcome = .init(.success)
        event.origin = .init(address: "192.0.2.1", session: self.session)
        event.format = "app.json"
        event.raw = self.raw
        return event
    }

    /// The serialised entry.
    func entry(actor: String) -> [UInt8] {
        Entry(
            blind: [UInt8](repeating: 0, count: Entry.blindByteCount),
            stamp: Stamp(collector: self.collector, receivedNanoseconds: 1),
            body: .event(self.event(actor: actor).serialized),
        ).serialized
    }

    /// A JSON string of `byteCount` bytes, quotes included; too short for quotes it is digits.
    private static func record(byteCount: Int) -> [UInt8] {
        var bytes = (0..<byteCount).map { UInt8(ascii: "0") + UInt8($0 % 10) }
        guard byteCount >= 2 else { return bytes }
        bytes[0] = UInt8(ascii: "\"")
        bytes[byteCount - 1] = UInt8(ascii: "\"")
        return bytes
    }
}
