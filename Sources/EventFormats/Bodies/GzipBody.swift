package import Primitives

/// A request's body out of gzip (RFC 1952), within stated bounds.
package enum GzipBody {
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when it is damaged or cut off,
    ///   ``IndelibleError/Code/outOfRange`` when it grows past `limits`.
    package static func decompress(_ body: [UInt8], _ limits: CollectionLimits) throws(IndelibleError) -> [UInt8] {
        var bounds = RecordLimits()
        bounds.decompressedByteCountMax = UInt64(limits.decompressedByteCountMax)
        var decoder = try GzipDecoder(bounds)
        var bytes: [UInt8] = []
        do throws(IndelibleError) {
            try decoder.decode(body) { bytes += $0 }
            try decoder.finish()
        } catch  where error.code == .dataLoss {
            throw IndelibleError(
                .invalidArgument,
                "The body is not whole gzip, as its Content-Encoding says. Send it again.",
            )
        } catch  where error.code == .resourceExhausted {
            throw IndelibleError(
                .outOfRange,
                "The body decompresses to more than \(limits.decompressedByteCountMax) bytes. Send several requests.",
            )
        }
        return bytes
    }
}
