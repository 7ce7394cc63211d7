package import Wire

/// The methods of the ledger: `service Ledger` in `proto/indelible/v1/ledger.proto`.
package enum LedgerMethods {
    package static let append = MethodDescriptor(
        number: 1,
        name: "Append",
        shape: .unary,
        roles: [.writer, .analyzer, .admin],
    )
    package static let getCheckpoint = MethodDescriptor(
        number: 2,
        name: "GetCheckpoint",
        shape: .unary,
        roles: Self.everyone,
    )
    package static let watchCheckpoints = MethodDescriptor(
        number: 3,
        name: "WatchCheckpoints",
        shape: .serverStream,
        roles: Self.everyone,
    )
    package static let readEntries = MethodDescriptor(
        number: 4,
        name: "ReadEntries",
        shape: .serverStream,
        roles: Self.readers,
    )
    package static let getInclusionProof = MethodDescriptor(
        number: 5,
        name: "GetInclusionProof",
        shape: .unary,
        roles: Self.everyone,
    )
    package static let getRangeProof = MethodDescriptor(
        number: 6,
        name: "GetRangeProof",
        shape: .unary,
        roles: Self.everyone,
    )
    package static let getConsistencyProof = MethodDescriptor(
        number: 7,
        name: "GetConsistencyProof",
        shape: .unary,
        roles: Self.everyone,
    )
    package static let find = MethodDescriptor(
        number: 8,
        name: "Find",
        shape: .unary,
        roles: Self.readers,
    )
    package static let getStatus = MethodDescriptor(
        number: 9,
        name: "GetStatus",
        shape: .unary,
        roles: Self.everyone,
    )
    package static let putPayload = MethodDescriptor(
        number: 10,
        name: "PutPayload",
        shape: .clientStream,
        roles: [.writer, .admin],
    )
    package static let getPayload = MethodDescriptor(
        number: 11,
        name: "GetPayload",
        shape: .serverStream,
        roles: Self.readers,
    )
    package static let getProducer = MethodDescriptor(
        number: 12,
        name: "GetProducer",
        shape: .unary,
        roles: Self.everyone,
    )
    package static let holdSlots = MethodDescriptor(
        number: 13,
        name: "HoldSlots",
        shape: .unary,
        roles: [.analyzer, .admin],
    )
    package static let getSlotHolders = MethodDescriptor(
        number: 14,
        name: "GetSlotHolders",
        shape: .unary,
        roles: Self.everyone,
    )
    package static let putSlotState = MethodDescriptor(
        number: 15,
        name: "PutSlotState",
        shape: .unary,
        roles: [.analyzer, .admin],
    )
    package static let getSlotState = MethodDescriptor(
        number: 16,
        name: "GetSlotState",
        shape: .unary,
        roles: [.analyzer, .admin],
    )

    /// Proofs and sizes tell nothing about what entries say.
    private static let everyone = Set(Role.allCases)
    /// Who may see entries; a writer may not.
    private static let readers: Set<Role> = [.reader, .analyzer, .verifier, .admin]

    /// By number.
    package static let all = [
        Self.append, Self.getCheckpoint, Self.watchCheckpoints, Self.readEntries, Self.getInclusionProof,
        Self.getRangeProof, Self.getConsistencyProof, Self.find, Self.getStatus, Self.putPayload, Self.getPayload,
        Self.getProducer, Self.holdSlots, Self.getSlotHolders, Self.putSlotState, Self.getSlotState,
    ]
}
