package import Wire

/// The methods of a witness: `service Witness` in `proto/indelible/v1/witness.proto`.
package enum WitnessMethods {
    package static let addCheckpoint = MethodDescriptor(
        number: 201,
        name: "AddCheckpoint",
        shape: .unary,
        // As over HTTP: a witness answers whoever the authority knows.
        roles: Set(Role.allCases),
    )

    /// By number.
    package static let all = [Self.addCheckpoint]
}
