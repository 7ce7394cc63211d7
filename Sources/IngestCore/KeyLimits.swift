/// What is remembered of the keys that senders give their requests.
package struct KeyLimits: Sendable, Equatable {
    /// Keys of one file; this file and the one before it are kept, so at least as many keys are remembered.
    package var fileKeyCountMax = 65_536

    package init() {}
}
