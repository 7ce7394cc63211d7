internal import CTreeKernels
package import Primitives

/// The instructions that blocks of rows are scored with, chosen for the processor at hand.
///
/// All of them give the same bits; they differ in speed only. Take ``best``; name one only to compare.
package struct TreeKernel: Sendable, Hashable {
    /// The C enum's value, kept as a number so that no C type is stored.
    private let number: UInt32

    var kernel: ind_tree_kernel { ind_tree_kernel(self.number) }

    private init(_ number: UInt32) { self.number = number }

    /// Plain C, on every machine.
    package static let portable = Self(IND_TREE_PORTABLE.rawValue)

    /// The fastest that this machine can run.
    package static let best = Self.available.last ?? .portable

    /// Every kernel that this machine can run, slowest first; never empty.
    package static let available = (0..<UInt32(IND_TREE_KERNELS)).map(Self.init).filter {
        ind_tree_kernel_available($0.kernel) != 0
    }

    /// Such as `avx512`: for measurements.
    package var name: String { unsafe String(cString: ind_tree_kernel_name(self.kernel)) }

    /// Finds a kernel by its ``name``.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when there is none of that name or this machine cannot run it.
    package static func named(_ name: String) throws(IndelibleError) -> TreeKernel {
        if let kernel = Self.available.first(where: { $0.name == name }) { return kernel }
        let names = Self.available.map(\.name).joined(separator: ", ")
        throw IndelibleError(.invalidArgument, "No tree kernel \"\(name)\" on this machine. Choose one of: \(names).")
    }
}
