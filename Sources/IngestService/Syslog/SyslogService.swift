import ServiceLifecycle

/// Keeps the syslog listeners open until it is time to stop; then what they were sent is made safe.
package struct SyslogService: Service {
    private let sink: SyslogSink
    private let listeners: [SyslogListener]
    private let datagrams: SyslogDatagrams?

    package init(_ sink: SyslogSink, listeners: [SyslogListener], datagrams: SyslogDatagrams?) {
        self.sink = sink
        self.listeners = listeners
        self.datagrams = datagrams
    }

    package func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.datagrams?.run() }
            group.addTask {
                try? await gracefulShutdown()
                self.sink.stop()
                for listener in self.listeners { await listener.shutdown() }
                await self.datagrams?.shutdown()
            }
        }
    }
}
