import Synchronization

/// Counters, gauges and histograms of one process, rendered in the Prometheus text format.
///
/// Names follow `indelible_<service>_<what>_<unit>[_total]`. Recording is lock-free; registration and rendering are not.
package final class Metrics: Sendable {
    /// A number that only grows.
    package final class Counter: Sendable {
        private let value = Atomic<UInt64>(0)

        package func add(_ amount: UInt64 = 1) { self.value.wrappingAdd(amount, ordering: .relaxed) }
        package var current: UInt64 { self.value.load(ordering: .relaxed) }
    }

    /// A number that goes up and down.
    package final class Gauge: Sendable {
        private let value = Atomic<Int64>(0)

        package func set(_ value: some BinaryInteger) {
            self.value.store(Int64(clamping: value), ordering: .relaxed)
        }
        package var current: Int64 { self.value.load(ordering: .relaxed) }
    }

    /// Counts of durations in buckets that double from 64 µs.
    package final class Histogram: Sendable {
        private static let bucketCount = 20
        private static let nanosecondsFirst: UInt64 = 64_000
        private let buckets: [Counter] = (0...bucketCount).map { _ in Counter() }
        private let sum = Counter()

        package func record(nanoseconds: UInt64) {
            var bucket = 0
            while bucket < Self.bucketCount, nanoseconds > Self.nanosecondsFirst << UInt64(bucket) { bucket += 1 }
            self.buckets[bucket].add()
            self.sum.add(nanoseconds)
        }

        fileprivate func render(_ name: String, into text: inout String) {
            var total: UInt64 = 0
            for (position, bucket) in self.buckets.enumerated() {
                total += bucket.current
                let bound =
                    position == Self.bucketCount
                    ? "+Inf" : "\(Double(Self.nanosecondsFirst << UInt64(position)) / 1e9)"
                text += "\(name)_bucket{le=\"\(bound)\"} \(total)\n"
            }
            text += "\(name)_sum \(Double(self.sum.current) / 1e9)\n\(name)_count \(total)\n"
        }
    }

    private enum Instrument {
        case counter(Counter, Labels)
        case gauge(Gauge, Labels)
        case histogram(Histogram)
        case computed(@Sendable () -> Int64)
        case info(Labels)

        var type: String {
            switch self {
            case .counter: "counter"
            case .gauge, .computed, .info: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// What tells two metrics of one name apart.
    package typealias Labels = [(name: String, value: String)]

    private let instruments = Mutex<[(name: String, help: String, instrument: Instrument)]>([])

    package init() {}

    package func counter(_ name: String, _ help: String, _ labels: Labels = []) -> Counter {
        let counter = Counter()
        self.register(name, help, .counter(counter, labels))
        return counter
    }

    package func gauge(_ name: String, _ help: String, _ labels: Labels = []) -> Gauge {
        let gauge = Gauge()
        self.register(name, help, .gauge(gauge, labels))
        return gauge
    }

    package func histogram(_ name: String, _ help: String) -> Histogram {
        let histogram = Histogram()
        self.register(name, help, .histogram(histogram))
        return histogram
    }

    /// A gauge whose value is asked for when it is read.
    package func computed(_ name: String, _ help: String, _ value: @escaping @Sendable () -> Int64) {
        self.register(name, help, .computed(value))
    }

    /// What does not change while the process runs, as labels of a metric that is always 1.
    package func info(_ name: String, _ help: String, _ labels: Labels) {
        self.register(name, help, .info(labels))
    }

    private func register(_ name: String, _ help: String, _ instrument: Instrument) {
        self.instruments.withLock { $0.append((name, help, instrument)) }
    }

    /// The whole registry as Prometheus text, format version 0.0.4.
    package func render() -> String {
        var text = ""
        let instruments = self.instruments.withLock { $0 }
        var seen: Set<String> = []
        // What has one name and other labels stands together, under one head.
        for (name, help, _) in instruments where seen.insert(name).inserted {
            let group = instruments.filter { $0.name == name }
            text += "# HELP \(name) \(help)\n# TYPE \(name) \(group[0].instrument.type)\n"
            for (_, _, instrument) in group { self.render(name, instrument, into: &text) }
        }
        return text
    }

    private func render(_ name: String, _ instrument: Instrument, into text: inout String) {
        switch instrument {
        case .counter(let counter, let labels): text += "\(name)\(Self.text(labels)) \(counter.current)\n"
        case .gauge(let gauge, let labels): text += "\(name)\(Self.text(labels)) \(gauge.current)\n"
        case .computed(let value): text += "\(name) \(value())\n"
        case .info(let labels): text += "\(name)\(Self.text(labels)) 1\n"
        case .histogram(let histogram): histogram.render(name, into: &text)
        }
    }

    private static func text(_ labels: Labels) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",") + "}"
    }

    /// As the text format wants the value of a label.
    private static func escaped(_ value: String) -> String {
        String(
            value.flatMap { character in
                switch character {
                case "\\": "\\\\"
                case "\"": "\\\""
                case "\n": "\\n"
                default: String(character)
                }
            }
        )
    }
}
