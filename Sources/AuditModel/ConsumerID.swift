package import Primitives

/// Ids of consumers: producers that append what they made of a slot's entries, and number it by how far they have come.
///
/// `indelible/consumer/`, the slot as one byte, and 32 bytes that say what consumes, such as which model judges.
package enum ConsumerID {
    package static let prefix = Array("indelible/consumer/".utf8)

    package static func bytes(slot: UInt8, consumer: Digest) -> [UInt8] { Self.prefix + [slot] + consumer.bytes }
}
