/// How often values were seen and when last, of a fixed number of values; the one not seen for longest makes room.
package struct HabitTable<let capacity: Int>: Sendable {
    /// What was known of a value before it was seen again.
    package struct Habit: Equatable, Sendable {
        package var count: UInt32 = 0
        /// Seconds since the Unix epoch.
        package var lastSecond: UInt32 = 0

        package init(count: UInt32 = 0, lastSecond: UInt32 = 0) {
            self.count = count
            self.lastSecond = lastSecond
        }
    }

    private struct Entry: Sendable {
        var hash: UInt32 = 0
        var tick: UInt32 = 0
        var habit = Habit()
    }

    private var entries: InlineArray<capacity, Entry>
    private var count = 0
    private var tick: UInt32 = 0

    package init() { self.entries = InlineArray(repeating: Entry()) }

    /// Counts a value.
    ///
    /// - Returns: what was known of it before; a count of 0 when it is new, or was forgotten.
    package mutating func see(_ hash: UInt64, second: UInt32) -> Habit {
        let short = UInt32(truncatingIfNeeded: hash ^ hash >> 32)
        self.tick &+= 1
        var oldest = 0
        for position in 0..<self.count {
            if self.entries[position].hash == short {
                let before = self.entries[position].habit
                self.entries[position].tick = self.tick
                self.entries[position].habit = Habit(
                    count: before.count == .max ? .max : before.count + 1,
                    lastSecond: second,
                )
                return before
            }
            if self.entries[position].tick < self.entries[oldest].tick { oldest = position }
        }
        let place = self.count < capacity ? self.count : oldest
        self.count = min(capacity, self.count + 1)
        self.entries[place] = Entry(hash: short, tick: self.tick, habit: Habit(count: 1, lastSecond: second))
        return Habit()
    }

    package var valueCount: Int { self.count }

    /// The last tick, then each value's hash, tick, count and last second.
    var serialized: [UInt8] {
        var words = [self.tick]
        for position in 0..<self.count {
            let entry = self.entries[position]
            words += [entry.hash, entry.tick, entry.habit.count, entry.habit.lastSecond]
        }
        return WordBytes.bytes(words)
    }

    /// - Returns: `nil` for bytes that are not of a table of this capacity.
    init?(serialized bytes: Span<UInt8>) {
        self.init()
        guard let words = WordBytes.words(bytes), words.count % 4 == 1, words.count / 4 <= capacity else { return nil }
        self.tick = words[0]
        self.count = words.count / 4
        for position in 0..<self.count {
            let start = 1 + position * 4
            self.entries[position] = Entry(
                hash: words[start],
                tick: words[start + 1],
                habit: Habit(count: words[start + 2], lastSecond: words[start + 3]),
            )
        }
    }
}
