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
    /// - Returns: the request, in which records of access name the certificate instead of whom the caller says.
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
        guard view.kind == .access else { return request }
        var bodies: [[UInt8]] = []
        for body in view.events {
            var record = try AccessRecord(serialized: Array(request[body]))
            record.who = "\(peer.name), \(role.rawValue)"
            bodies.append(record.serialized)
        }
        let producer = Producer(id: Array(request[view.producerID]), epoch: view.epoch)
        return SubmitRequest(producer: producer, firstSequence: view.firstSequence, kind: .access, events: bodies)
            .serialized
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
