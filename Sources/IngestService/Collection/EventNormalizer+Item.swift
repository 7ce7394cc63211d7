import EventFormats
import Primitives

extension EventNormalizer {
    /// One record of a body, as an event or as a refusal.
    ///
    /// - Parameter delivery: what the record is wrapped in; `nil` when it is not.
    func item(
        _ part: RecordBody.Part,
        _ number: Int,
        _ request: CollectionRequest,
        seed: [UInt8],
        in delivery: Delivery? = nil,
    ) throws(IndelibleError) -> IntakeItem {
        switch part {
        case .refused(let range, let reason): return .refused(reason: reason, record: Array(request.body[range]))
        case .record(let range):
            let record = RawRecord(
                bytes: Array(request.body[range]),
                number: UInt64(number),
                line: 1,
                byteRange: UInt64(range.lowerBound)..<UInt64(range.upperBound),
            )
            do throws(IndelibleError) {
                let received = request.receivedNanoseconds
                guard let delivery else {
                    return .event(try self.normalize(record, knownByNanoseconds: received, seed: seed))
                }
                return .event(try self.normalize(delivery, record, knownByNanoseconds: received, seed: seed))
            } catch {
                guard error.code == .invalidArgument else { throw error }
                return .refused(reason: error.message, record: record.bytes)
            }
        }
    }
}
