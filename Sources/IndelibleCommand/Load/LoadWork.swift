package import Primitives
import ProtobufC
import ServiceProtocol
package import Wire

/// What one connection asks for, request by request.
package protocol LoadWork: Sendable {
    var method: MethodDescriptor { get }

    /// - Parameter now: nanoseconds since the Unix epoch.
    /// - Returns: `nil` when everything has been asked for.
    mutating func next(now: UInt64) throws(IndelibleError) -> LoadRequest?
}

package struct LoadRequest: Equatable, Sendable {
    package let bytes: [UInt8]
    /// Events, or proofs, that its answer stands for.
    package let count: UInt64
}

/// Appends made-up events.
struct AppendWork: LoadWork {
    var generator: LoadGenerator
    /// Events that are not sent yet.
    var remaining: UInt64
    /// Events of a request.
    let batch: Int

    var method: MethodDescriptor { LedgerMethods.append }

    mutating func next(now: UInt64) throws(IndelibleError) -> LoadRequest? {
        guard self.remaining > 0 else { return nil }
        let count = min(self.remaining, UInt64(self.batch))
        let bytes = try self.generator.next(count: Int(count), now: now)
        self.remaining -= count
        return LoadRequest(bytes: bytes, count: count)
    }
}

/// Asks for inclusion proofs of entries anywhere in the log.
struct ProofWork: LoadWork {
    /// Of the checkpoint that the proofs are for.
    let size: UInt64
    /// Proofs that are not asked for yet.
    var remaining: UInt64
    var random: SplitMix64

    var method: MethodDescriptor { LedgerMethods.getInclusionProof }

    mutating func next(now: UInt64) throws(IndelibleError) -> LoadRequest? {
        guard self.remaining > 0 else { return nil }
        self.remaining -= 1
        let index = UInt64.random(in: 0..<self.size, using: &self.random)
        return LoadRequest(bytes: GetInclusionProofRequest(index: index, size: self.size).serialized, count: 1)
    }
}

/// Sends what was made before the clock started.
struct PreparedWork: LoadWork {
    let method: MethodDescriptor
    /// In reverse, so that the next one is taken off the end.
    private var requests: [LoadRequest] = []

    init(_ work: consuming some LoadWork, now: UInt64) throws(IndelibleError) {
        self.method = work.method
        while let request = try work.next(now: now) { self.requests.append(request) }
        self.requests.reverse()
    }

    mutating func next(now: UInt64) -> LoadRequest? { self.requests.popLast() }
}
