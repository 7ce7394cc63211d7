/// How much the ledger remembers of who sent what, which is the window within which a repeat is recognised.
package struct ProducerLimits: Sendable, Equatable {
    package var producerCountMax = 65_536
    /// Of all producers together.
    package var runCountMax = 1_048_576
    /// Of one producer; a run is a range of its sequence numbers whose entries are neighbours in the log.
    package var runsPerProducerMax = 1024

    package init() {}
}
