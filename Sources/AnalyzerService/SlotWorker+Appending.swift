import AnalyzerCore
import Logging
import Platform
import Primitives
import ServiceKit

/// Verdicts on their way into the log: what was judged is decided and appended while more is read.
extension SlotWorker {
    /// Has everything that is judged appended, while the next entries are read.
    func startAppending(durableSize: UInt64, _ calls: AnalyzerCalls) async throws {
        let next = self.position ?? 0
        try await self.settle()
        self.append(calls, looked: (at: next, of: durableSize))
    }

    /// Has verdicts decided and packed elsewhere, so that more can be judged meanwhile, and appends them.
    ///
    /// - Precondition: no append is under way.
    private func append(_ calls: AnalyzerCalls, looked: (at: UInt64, of: UInt64)? = nil) {
        let pending = self.stream.takePending()
        self.appending = Task {
            if let request = try await VerdictRequest.decided(pending) {
                // Who began anew meanwhile has other leases.
                try Task.checkCancellation()
                self.unanswered = request
                try await self.send(request, calls)
                let received = min(pending.receivedNanoseconds, SystemClock.wallNanoseconds)
                if received > 0 { self.metrics.verdictTime.record(nanoseconds: SystemClock.wallNanoseconds - received) }
            }
            if let looked { self.metrics.looked(at: looked.at, of: looked.of) }
        }
    }

    /// Waits for the append that is under way.
    func settle() async throws {
        guard let appending = self.appending else { return }
        defer { if self.appending == appending { self.appending = nil } }
        try await appending.value
    }

    /// Has everything that is judged appended, and waits for it.
    func flush(_ calls: AnalyzerCalls) async throws {
        try await self.resume(calls)
        self.append(calls)
        try await self.settle()
    }

    /// Sees that what was sent is in the log, also when the connection broke before the answer.
    func resume(_ calls: AnalyzerCalls) async throws {
        do {
            try await self.settle()
        } catch let error as IndelibleError where Self.loses(error) {
            throw error
        } catch {
            self.logger.info("verdicts are sent again", metadata: ["reason": "\(error)"])
        }
        if let request = self.unanswered { try await self.send(request, calls) }
    }

    private func send(_ request: VerdictRequest, _ calls: AnalyzerCalls) async throws {
        let started = SystemClock.monotonicNanoseconds
        do {
            try await calls.append(request.bytes)
        } catch {
            // The reader may be waiting for entries that never come.
            self.waiting?.cancel()
            throw error
        }
        self.unanswered = nil
        self.metrics.appendTime.record(nanoseconds: SystemClock.monotonicNanoseconds - started)
        self.metrics.appended.add(UInt64(request.entryCount))
    }
}
