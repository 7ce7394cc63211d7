/// The largest model that a loader accepts.
///
/// A model file is hostile input until it has been checked: every count that it claims is compared with one of these
/// limits, and with the bytes that are really there, before memory is taken for it.
package struct ModelLimits: Sendable {
    /// Bytes of the whole file.
    package var fileByteCountMax = 64 << 20
    /// Levels of arrays and objects inside each other; published formats use fewer than ten.
    package var nestingMax = 32
    package var treeCountMax = 100_000
    /// Splits and leaves of all trees together.
    package var nodeCountMax = 8 << 20
    /// Features of a row.
    package var featureCountMax = 1 << 20
    /// Output groups: classes of a classifier, targets of a regression.
    package var groupCountMax = 4096
    /// Members of all category sets together.
    package var categoryCountMax = 8 << 20

    package init() {}
}
