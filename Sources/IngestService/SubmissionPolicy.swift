import AuditModel
import Primitives
import ProtobufC
import ServiceProtocol
import Transport
import Wire

/// What each role may submit to a collector, and in whose name.
enum SubmissionPolicy {
    /// - Parameters:
    ///   - request: a SubmitRequest.
    ///   - peer: without a role where the listener asks for no certificates: then everybody may submit everything.
    /// - Returns: the request, in which records that name somebody name the certificate instead of whom the caller says.
    /// - Throws: ``IndelibleError/Code/permissionDenied`` with what the role may submit;
    ///   ``IndelibleError/Code/invalidArgument`` when the request is malformed.
    static func checked(_ request: [UInt8], from peer: Peer) throws(IndelibleError) -> [UInt8] {
        guard let role = peer.role else { return request }
        var view = SubmitRequestView()
        try view.read(request.span)
        if let kinds = Self.kinds(role), !kinds.contains(view.kind) {
            let names = kinds.map(\.description).joined(separator: ", ")
            throw IndelibleError(
                .permissionDenied,
                "The role \(role.rawValue) may submit only \(names). Use a certificate with the role writer.",
            )
        }
        guard Self.namedKinds.contains(view.kind) else { return request }
        guard view.kind == .access || !peer.name.isEmpty else {
            throw IndelibleError(
                .permissionDenied,
                "A record of kind \(view.kind) says who made it. Use a certificate with a DNS name.",
            )
        }
        let who = peer.name.isEmpty ? role.rawValue : "\(peer.name), \(role.rawValue)"
        var bodies: [[UInt8]] = []
        for body in view.events { bodies.append(try Self.named(Array(request[body]), view.kind, who)) }
        let producer = Producer(id: Array(request[view.producerID]), epoch: view.epoch)
        return SubmitRequest(producer: producer, firstSequence: view.firstSequence, kind: view.kind, events: bodies)
            .serialized
    }

    /// Records that say who made them.
    private static let namedKinds: [EntryKind] = [.access, .label, .mute]

    /// A record in the name of `who`.
    private static func named(_ body: [UInt8], _ kind: EntryKind, _ who: String) throws(IndelibleError) -> [UInt8] {
        switch kind {
        case .label:
            var label = try Label(serialized: body)
            label.author = who
            return label.serialized
        case .mute:
            var mute = try MuteRecord(serialized: body)
            mute.author = who
            return mute.serialized
        default:
            var record = try AccessRecord(serialized: body)
            record.who = who
            return record.serialized
        }
    }

    /// - Returns: `nil` when the role may submit every kind.
    private static func kinds(_ role: Role) -> [EntryKind]? {
        switch role {
        case .writer, .admin: nil
        // Services speak of themselves, people of what they read.
        case .analyzer: [.lifecycle]
        case .verifier: [.lifecycle, .verification, .alert]
        case .reader: [.access]
        }
    }
}
