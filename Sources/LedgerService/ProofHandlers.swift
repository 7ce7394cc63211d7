import MerkleTree
import ProtobufC
import AuditModel
import LedgerCore
import Primitives
import ServiceProtocol

/// Answers the unary questions about a log: proofs, finds, producers.
struct ProofHandlers: Sendable {
    let reader: LogReader
    let stage: LogStage
    /// Size of the published checkpoint: what 0 in a request stands for.
    let checkpointSize: @Sendable () -> UInt64

    func inclusion(_ payload: [UInt8]) throws(IndelibleError) -> [UInt8] {
        let request = try GetInclusionProofRequest(serialized: payload)
        let size = try self.size(request.size)
        guard request.index < size else {
            throw IndelibleError(
                .outOfRange,
                "Entry \(request.index) is not in a tree of \(size). Wait for a checkpoint that covers it, or name a larger size.",
            )
        }
        let (leafHash, proof) = try self.reader.provenLeaf(request.index, size: size)
        return InclusionProofResponse(index: request.index, size: size, leafHash: leafHash, hashes: proof.hashes)
            .serialized
    }

    func range(_ payload: [UInt8]) throws(IndelibleError) -> [UInt8] {
        let request = try GetRangeProofRequest(serialized: payload)
        let size = try self.size(request.size)
        guard request.first < request.end, request.end <= size else {
            throw IndelibleError(
                .outOfRange,
                "Entries \(request.first)..<\(request.end) are not in a tree of \(size).",
            )
        }
        let proof = try self.reader.rangeProof(request.first..<request.end, size: size)
        return RangeProofResponse(
            first: request.first,
            end: request.end,
            size: size,
            left: proof.left,
            right: proof.right,
        ).serialized
    }

    func consistency(_ payload: [UInt8]) throws(IndelibleError) -> [UInt8] {
        let request = try GetConsistencyProofRequest(serialized: payload)
        let size = try self.size(request.size)
        guard request.oldSize <= size else {
            throw IndelibleError(.outOfRange, "A tree of \(request.oldSize) entries is larger than one of \(size).")
        }
        return ConsistencyProofResponse(
            oldSize: request.oldSize,
            size: size,
            hashes: try self.reader.consistencyProof(from: request.oldSize, to: size).hashes,
        ).serialized
    }

    func find(_ payload: [UInt8]) throws(IndelibleError) -> [UInt8] {
        let request = try FindRequest(serialized: payload)
        let wanted = request.eventID.bytes
        guard let index = try self.reader.find(wanted, matches: { Self.eventID(of: $0).elementsEqual(wanted) }) else {
            throw IndelibleError(.notFound, "No entry carries the event id \(request.eventID).")
        }
        return FindResponse(index: index).serialized
    }

    func producer(_ payload: [UInt8]) throws(IndelibleError) -> [UInt8] {
        let request = try GetProducerRequest(serialized: payload)
        guard let id = ProducerID(request.id) else {
            throw IndelibleError(.invalidArgument, "A producer's id has 1 to \(ProducerID.byteCountMax) bytes.")
        }
        guard let status = self.stage.status(of: id) else {
            return ServiceProtocol.ProducerStatus(known: false, epoch: 0, lastSequence: 0, lastIndex: 0).serialized
        }
        return ServiceProtocol.ProducerStatus(
            known: true,
            epoch: status.epoch,
            lastSequence: status.lastSequence,
            lastIndex: status.lastIndex,
        ).serialized
    }

    /// The event id that an entry carries; empty for entries that are not events.
    private static func eventID(of entry: [UInt8]) -> ArraySlice<UInt8> {
        guard let scan = try? EntryScan(entry.span), scan.kind == .event,
            let event = try? EventScan(entry.span, in: scan.body)
        else { return [] }
        return entry[event.id]
    }

    private func size(_ requested: UInt64) throws(IndelibleError) -> UInt64 {
        guard requested != 0 else { return self.checkpointSize() }
        let durable = self.reader.size
        guard requested <= durable else {
            throw IndelibleError(
                .outOfRange,
                "The log has \(durable) entries, fewer than \(requested). Ask again later.",
            )
        }
        return requested
    }
}
