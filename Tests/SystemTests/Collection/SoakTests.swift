import Glibc
import Primitives
import Testing

extension RealProcesses {
    /// Goal: whatever stops, dies or fills up, what a sender was told is safe is in the log once, and nothing else is unaccounted for.
    ///
    /// Method: senders of every protocol at once, in rounds with one fault each: the ledger stopped, the ledger killed, the
    /// collector killed, the collector killed while the ledger is away, and the spool at its limit until the ledger is back.
    /// When in a round the fault comes is up to a seed. INDELIBLE_SEED and INDELIBLE_SOAK_ROUNDS choose others and more.
    struct Soak {
        private enum Fault: CaseIterable {
            case ledgerStops, ledgerDies, collectorDies, bothAreAway, spoolIsFull
        }

        private static let seed = UInt64(Environment.number("INDELIBLE_SEED", otherwise: 1))
        private static let roundCount = Environment.number("INDELIBLE_SOAK_ROUNDS", otherwise: Fault.allCases.count)
        /// Of each sender in a round.
        private static let batchCount = 8
        private static let eventsPerBatch = 8
        /// Bytes beside an event: a round has about twice what the spool holds.
        private static let paddingByteCount = 3_500
        /// Senders that must have been told that the spool is full.
        private static let fullCount = 3

        @Test func whatIsToldSafeIsThereOnce() async throws {
            let scene = try await SoakScene()
            var random = SplitMix64(seed: Self.seed)
            var faults = Fault.allCases
            for round in 0..<Self.roundCount {
                if round % faults.count == 0 { faults.shuffle(using: &random) }
                try await Self.round(round, faults[round % faults.count], scene, &random)
            }
            // Undisturbed, so that what has no answers is known to arrive, too.
            let last = try await Self.round(Self.roundCount, nil, scene, &random)

            let counts = try await scene.settle(with: last)
            let account = await scene.account
            func names(_ set: Set<String>, _ isWrong: (Int) -> Bool) -> [String] {
                set.filter { isWrong(counts[$0] ?? 0) }.sorted()
            }
            let lines = Set(account.sent.filter { $0.hasPrefix("tail") })
            #expect(names(account.safe, { $0 != 1 }).isEmpty, "told safe, and not in the log once")
            #expect(names(lines, { $0 != 1 }).isEmpty, "lines of the file that are not in the log once")
            #expect(names(account.refused, { $0 != 0 }).isEmpty, "refused, and in the log")
            #expect(names(account.unanswered, { $0 > 1 }).isEmpty, "sent once, and in the log more often")
            #expect(names(Set(last), { $0 != 1 }).isEmpty, "sent over TCP to a collector that nobody disturbed")
            #expect(account.sent == account.safe.union(account.refused).union(lines), "neither taken nor refused")
            let known = account.sent.union(account.unanswered)
            #expect(counts.keys.filter { !known.contains($0) }.isEmpty, "in the log, and never sent")

            #expect(account.refused.count >= (Self.roundCount + 1) * Self.batchCount / 3)
            #expect(await scene.keptRefusals >= account.refused.count, "not every refusal is kept")
            #expect(account.repeatCount > 0, "no answer was ever missed: the faults come at the wrong time")
            try await scene.stop()
        }

        /// - Returns: the names that went over TCP.
        @discardableResult
        private static func round(
            _ round: Int,
            _ fault: Fault?,
            _ scene: SoakScene,
            _ random: inout SplitMix64,
        ) async throws -> [String] {
            let padding = String(repeating: "padding ", count: Self.paddingByteCount / 8)
            func names(_ sender: String, _ batch: Int) -> [String] {
                (0..<Self.eventsPerBatch).map { "\(sender)-\(round)-\(batch)-\($0)" }
            }
            let eventCount = SoakSender.all.count * Self.batchCount * Self.eventsPerBatch
            let first = Int(random.next() % UInt64(eventCount / 4))
            let second = Int(random.next() % UInt64(eventCount / 4))
            let tcp = (0..<Self.batchCount).flatMap { names("tcp", $0) }
            // Before anything is sent: everything that comes is the spool's.
            if fault == .spoolIsFull { try await scene.stopLedger(SIGTERM) }
            await scene.begin(senders: SoakSender.all.count)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for sender in SoakSender.all {
                    group.addTask {
                        for batch in 0..<Self.batchCount {
                            let number = round * Self.batchCount + batch
                            let names = (0..<Self.eventsPerBatch).map { "\(sender.name)-\(round)-\(batch)-\($0)" }
                            try await scene.deliver(sender, SoakBatch(number: number, names: names, padding: padding))
                        }
                        await scene.senderIsDone()
                    }
                }
                for batch in 0..<Self.batchCount { try await scene.write(names("tail", batch), padding: padding) }
                group.addTask { try await scene.syslog("tcp", tcp) }
                let udp = names("udp", 0)
                group.addTask { try await scene.syslog("udp", udp) }
                if let fault { group.addTask { try await Self.inject(fault, scene, first, second) } }
                try await group.waitForAll()
            }
            return tcp
        }

        /// - Parameters:
        ///   - first: events that are taken before it happens.
        ///   - second: events that are taken before it is mended, where they can be.
        private static func inject(_ fault: Fault, _ scene: SoakScene, _ first: Int, _ second: Int) async throws {
            switch fault {
            case .ledgerStops, .ledgerDies:
                try await scene.progress(first)
                try await scene.stopLedger(fault == .ledgerStops ? SIGTERM : SIGKILL)
                try await scene.progress(min(second, 64))
                try await scene.startLedger()
            case .collectorDies:
                try await scene.progress(first)
                try await scene.killIngest()
                try await scene.progress(second)
                try await scene.killIngest()
            case .bothAreAway:
                try await scene.progress(first)
                try await scene.stopLedger(SIGKILL)
                try await scene.progress(32)
                try await scene.killIngest()
                try await scene.progress(32)
                try await scene.startLedger()
            case .spoolIsFull:
                try await scene.spoolIsFull(toldTo: Self.fullCount)
                try await scene.startLedger()
            }
        }
    }
}
