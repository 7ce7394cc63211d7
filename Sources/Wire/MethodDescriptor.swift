/// One method of a service: its number on the wire never changes meaning.
package final class MethodDescriptor: Sendable {
    /// Who sends how many messages.
    package enum Shape: Sendable, Hashable {
        /// One request, one response.
        case unary
        /// One request, then items until the server ends the stream.
        case serverStream
        /// An empty request, items until the client ends them, one response.
        case clientStream
    }

    /// From 1 to ``numberMax``.
    package let number: UInt32
    /// For people and metrics, such as `Append`.
    package let name: String
    package let shape: Shape
    /// Every role that may call it, where the listener asks for certificates.
    package let roles: Set<Role>

    package static let numberMax: UInt32 = 1_023

    package init(number: UInt32, name: String, shape: Shape, roles: Set<Role>) {
        precondition((1...Self.numberMax).contains(number), "method numbers go from 1 to \(Self.numberMax)")
        self.number = number
        self.name = name
        self.shape = shape
        self.roles = roles
    }
}

/// The methods of a server, by number.
package struct MethodTable: Sendable {
    private var methods: [MethodDescriptor?]

    package init(_ methods: [MethodDescriptor]) {
        self.methods = []
        for method in methods {
            let position = Int(method.number)
            while self.methods.count <= position { self.methods.append(nil) }
            precondition(self.methods[position] == nil, "method number \(method.number) is taken")
            self.methods[position] = method
        }
    }

    package subscript(number: UInt32) -> MethodDescriptor? {
        guard number < self.methods.count else { return nil }
        return self.methods[Int(number)]
    }
}
