import AuditModel
package import Logging
import Primitives
import ServiceLifecycle

/// Looks after the sources of a collector once a second, and keeps their numbering when it stops.
package struct SourceWatchService: Service {
    private static let interval = Duration.seconds(1)

    private let desk: SourceDesk
    private let collector: Collector
    private let logger: Logger

    package init(_ desk: SourceDesk, _ collector: Collector, logger: Logger) {
        self.desk = desk
        self.collector = collector
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                await self.collector.tell(self.desk.look())
            }
        }
        do throws(IndelibleError) {
            try self.desk.close()
        } catch {
            self.logger.error("the numbering of sources is not kept", metadata: ["error": "\(error)"])
        }
    }
}
