import NIOCore
import Platform
import Primitives
import Synchronization
import Transport
import Wire

/// One connection under load: keeps a number of requests under way until its share of the work is done.
///
/// Requests are made and answers counted on the connection's event loop; there is no task for each call.
final class LoadConnection: Sendable {
    private struct State {
        var work: any LoadWork
        var inFlight = 0
        var tally = LoadTally()
        var done: CheckedContinuation<LoadTally, Never>?
    }

    private let client: RPCClient
    private let eventLoop: any EventLoop
    private let method: MethodDescriptor
    private let inFlightMax: Int
    private let state: Mutex<State>

    /// - Parameters:
    ///   - client: runs on `eventLoop`.
    ///   - work: of this connection alone.
    ///   - inFlightMax: requests that wait for their answers at once.
    init(
        _ client: RPCClient,
        on eventLoop: any EventLoop,
        work: any LoadWork,
        inFlightMax: Int,
    ) {
        self.client = client
        self.eventLoop = eventLoop
        self.method = work.method
        self.inFlightMax = inFlightMax
        self.state = Mutex(State(work: work))
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
        let next: LoadRequest? = self.state.withLock { state in
            guard state.tally.firstError == nil else { return nil }
            do throws(IndelibleError) {
                guard let request = try state.work.next(now: SystemClock.wallNanoseconds) else { return nil }
                state.inFlight += 1
                return request
            } catch {
                state.tally.fail(error)
                return nil
            }
        }
        guard let next else { return }
        let started = SystemClock.monotonicNanoseconds
        self.client.start(self.method, next.bytes) { [self, count = next.count] result in
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
