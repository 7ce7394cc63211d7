/// Metrics of a process, as it serves them in the Prometheus text format.
package struct MetricsText {
    private struct Sample {
        let labels: [String: String]
        let value: Double
    }

    /// By name.
    private let samples: [String: [Sample]]

    /// Lines that are no samples are passed over.
    package init(_ text: String) {
        var samples: [String: [Sample]] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else {
                continue
            }
            let name = line[..<space].prefix { $0 != "{" }
            let sample = Sample(labels: Self.labels(line[name.endIndex..<space]), value: value)
            samples[String(name), default: []].append(sample)
        }
        self.samples = samples
    }

    /// The value of a counter or gauge, when it is a whole number.
    ///
    /// - Parameter labels: that the metric must have.
    package func integer(_ name: String, _ labels: [String: String] = [:]) -> UInt64? {
        let sample = self.samples[name]?.first { sample in labels.allSatisfy { sample.labels[$0.key] == $0.value } }
        return sample.flatMap { UInt64(exactly: $0.value) }
    }

    package func label(_ label: String, of name: String) -> String? { self.samples[name]?.first?.labels[label] }

    /// Reads `{name="value",…}`; values escape backslash, quote and line end.
    private static func labels(_ text: Substring) -> [String: String] {
        var labels: [String: String] = [:]
        var rest = text.dropFirst()
        while let equals = rest.firstIndex(of: "=") {
            let name = String(rest[..<equals])
            rest = rest[rest.index(after: equals)...].dropFirst()
            var value = ""
            while let character = rest.popFirst(), character != "\"" {
                guard character == "\\", let escaped = rest.popFirst() else {
                    value.append(character)
                    continue
                }
                value.append(escaped == "n" ? "\n" : escaped)
            }
            labels[name] = value
            rest = rest.drop { $0 == "," }
        }
        return labels
    }
}
