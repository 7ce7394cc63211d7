import NIOCore
import Platform
import Primitives
import ServiceProtocol
import Synchronization
import Transport

/// One connection under load: keeps a number of requests under way until its share of the events is acknowledged.
///
/// Requests are made and answers counted on the connection's event loop; there is no task for each call.
final class LoadConnection: Sendable {
    private struct State {
        var generator: LoadGenerator
        /// Events that are not sent yet.
        var remaining: UInt64
        var inFlight = 0
        var tally = LoadTally()
        var done: CheckedContinuation<LoadTally, Never>?
    }

    private let client: RPCClient
    private let eventLoop: any EventLoop
    private let batch: Int
    private let inFlightMax: Int
    private let state: Mutex<State>

    /// - Parameters:
    ///   - client: runs on `eventLoop`.
    ///   - generator: of this connection alone.
    ///   - events: how many to send.
    ///   - batch: events of a request.
    ///   - inFlightMax: requests that wait for their answers at once.
    init(
        _ client: RPCClient,
        on eventLoop: any EventLoop,
        generator: LoadGenerator,
        events: UInt64,
        batch: Int,
        inFlightMax: Int,
    ) {
        self.client = client
        self.eventLoop = eventLoop
        self.batch = batch
        self.inFlightMax = inFlightMax
        self.state = Mutex(State(generator: generator, remaining: events))
    }

    /// Sends everything and waits for the answers; called once.
    ///
    /// After a request that fails nothing more is sent: what is under way is waited for.
    func run() async -> LoadTally {
        let tally = await withCheckedContinuation { done in
            self.eventLoop.execute {
                self.state.withLock { $0.done = done }
                for _ in 0..<self.inFlightMax { self.sendNext() }
                self.finishIfIdle()
            }
        }
        await self.client.close()
        return tally
    }

    private func sendNext() {
        let next: (request: [UInt8], count: UInt64)? = self.state.withLock { state in
            guard state.remaining > 0, state.tally.firstError == nil else { return nil }
            let count = min(state.remaining, UInt64(self.batch))
            do throws(IndelibleError) {
                let request = try state.generator.next(count: Int(count), now: SystemClock.wallNanoseconds)
                state.remaining -= count
                state.inFlight += 1
                return (request, count)
            } catch {
                state.tally.fail(error)
                return nil
            }
        }
        guard let next else { return }
        let started = SystemClock.monotonicNanoseconds
        self.client.start(LedgerMethods.append, next.request) { [self, count = next.count] result in
            let nanoseconds = SystemClock.monotonicNanoseconds - started
            self.state.withLock { state in
                state.inFlight -= 1
                switch result {
                case .success:
                    state.tally.acknowledgedEventCount += count
                    state.tally.latencies.record(nanoseconds)
                case .failure(let error): state.tally.fail(error)
                }
            }
            self.sendNext()
            self.finishIfIdle()
        }
    }

    private func finishIfIdle() {
        let end = self.state.withLock { state -> (CheckedContinuation<LoadTally, Never>, LoadTally)? in
            guard state.inFlight == 0, let done = state.done.take() else { return nil }
            return (done, state.tally)
        }
        if let (done, tally) = end { done.resume(returning: tally) }
    }
}
