import ArgumentParser
import IndelibleClient
import Platform
import Primitives
import ServiceProtocol

/// Shows how the suite is, again and again: `indelible watch`.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Show sizes, rates, witnesses and health, live.",
        discussion: """
            On a terminal each look replaces the one before; elsewhere they follow one another, and with --json each is a line: the
            object of `indelible status --json` and, from the second on, entries_per_second. A ledger that cannot be reached is
            shown as such and asked again. Ends with Ctrl-C, or after --count looks as `indelible status` would.
            """,
    )

    private static let secondsMax = 3_600

    @OptionGroup var client: ClientOptions

    @Option(help: "Seconds between two looks, 1 to \(WatchCommand.secondsMax).")
    var interval = 1

    @Option(help: "Looks to take; without it they go on.")
    var count: Int?

    @Flag(help: "One JSON object a line.")
    var json = false

    func validate() throws {
        guard (1...Self.secondsMax).contains(self.interval) else {
            throw ValidationError("--interval is 1 to \(Self.secondsMax).")
        }
        guard self.count.map({ $0 > 0 }) ?? true else { throw ValidationError("--count is at least 1.") }
    }

    func run() async throws {
        try await Outcome.report {
            // What is wrong with the options is wrong every time.
            _ = try self.client.ledgerAddress()
            var last: (size: UInt64, nanoseconds: UInt64)?
            var state = ""
            for number in 1...(self.count ?? .max) {
                do {
                    let status = try await self.status()
                    let now = SystemClock.monotonicNanoseconds
                    let rate = last.map { Self.rate(from: $0, to: (status.durableSize, now)) }
                    last = (status.durableSize, now)
                    state = status.state
                    self.show(
                        StatusReport(
                            status: status,
                            processes: self.client.processes,
                            ingest: await self.client.ingestStatus(),
                            coverage: await self.client.coverage(),
                            entriesPerSecond: rate,
                        )
                    )
                } catch let error as IndelibleError {
                    guard number != self.count else { throw error }
                    Terminal.note(error.message)
                }
                if number != self.count { try await Task.sleep(for: .seconds(self.interval)) }
            }
            if state != "serving" { throw Outcome.no }
        }
    }

    /// Asked anew each time: a ledger that came back may have another port.
    private func status() async throws -> LedgerStatus {
        let ledger = try self.client.ledgerClient()
        do {
            let status = try await ledger.status()
            await ledger.close()
            return status
        } catch {
            await ledger.close()
            throw error
        }
    }

    private static func rate(
        from earlier: (size: UInt64, nanoseconds: UInt64),
        to later: (size: UInt64, nanoseconds: UInt64),
    ) -> UInt64 {
        let seconds = Double(max(1, later.nanoseconds - earlier.nanoseconds)) / 1e9
        return UInt64((Double(later.size - min(later.size, earlier.size)) / seconds).rounded())
    }

    private func show(_ report: StatusReport) {
        guard !self.json else { return Terminal.write(report.json + "\n") }
        Terminal.write(Terminal.isInteractive ? Terminal.clearScreen + report.text : report.text + "\n")
    }
}
