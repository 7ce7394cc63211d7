/// How much the ledger remembers of who sent what, which is the window within which a repeat is recognised.
package struct ProducerLimits: Sendable, Equatable {
    package var producerCountMax = 65_536
    /// Of all producers together.
    package var runCountMax = 1_048_576
    /// Of one producer; a run is a range of its sequence numbers whose entries are neighbours in the log.
    package var runsPerProducerMax = 1024
    /// Consumers are never forgotten, so there are only so many: 32 models of 256 slots.
    package var consumerCountMax = 8192
    /// Of one consumer: more than the entries of its largest append, which it may have to repeat.
    package var runsPerConsumerMax = 64

    package init() {}
}
