/// What senders of syslog may make a collector hold.
package struct SyslogLimits: Sendable {
    /// Bytes of one message; longer ones are passed over and counted.
    package var messageByteCountMax = 64 << 10
    /// Connections open at once; more are closed when accepted.
    package var connectionsMax = 1024
    /// Messages that are handed over together.
    package var batchCountMax = 4096
    /// Datagrams that wait; more are dropped, counted, and told of in the log.
    package var datagramCountMax = 32_768
    /// Bytes of datagrams that wait.
    package var datagramByteCountMax = 32 << 20
    /// Bytes that the system may hold of datagrams that nobody has read yet.
    package var receiveBufferByteCount = 8 << 20

    package init() {}
}
