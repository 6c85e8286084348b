import Kernel
import Synchronization

/// All series of one metric name.
final class Family: Sendable {
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    private struct Series {
        var value = 0.0
        var count = 0
        var buckets: [Int]
    }

    let name: String
    let help: String
    let kind: Kind
    let labels: [String]
    private let bounds: [Double]
    private let series: Mutex<[[String]: Series]>
    private let limit = 1000

    init(name: String, help: String, kind: Kind, labels: [String], buckets: [Double]) {
        self.name = name
        self.help = help
        self.kind = kind
        self.labels = labels
        bounds = buckets
        // A series without labels exists from the start, so that a rate over it has a first point.
        let first = Series(buckets: Array(repeating: 0, count: buckets.count))
        series = Mutex(labels.isEmpty ? [[]: first] : [:])
    }

    func add(_ amount: Double, _ labels: [String]) { update(labels) { $0.value += amount } }
    func set(_ value: Double, _ labels: [String]) { update(labels) { $0.value = value } }
    func value(_ labels: [String]) -> Double { series.withLock { $0[labels]?.value ?? 0 } }
    func count(_ labels: [String]) -> Int { series.withLock { $0[labels]?.count ?? 0 } }

    func observe(_ value: Double, _ labels: [String]) {
        let bucket = bounds.firstIndex { value <= $0 }
        update(labels) { series in
            series.value += value
            series.count += 1
            if let bucket { series.buckets[bucket] += 1 }
        }
    }

    private func update(_ labels: [String], _ change: (inout Series) -> Void) {
        precondition(labels.count == self.labels.count, "\(name) takes \(self.labels.count) labels")
        series.withLock { series in
            let isNew = series[labels] == nil
            let key = isNew && series.count >= limit ? labels.map { _ in "overflow" } : labels
            change(&series[key, default: Series(buckets: Array(repeating: 0, count: bounds.count))])
        }
    }

    /// `name` is the family's own or a second one.
    func render(as name: String, to out: inout [UInt8]) {
        let all = series.withLock { $0.sorted { $0.key.lexicographicallyPrecedes($1.key) } }
        out += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n".utf8
        for (values, series) in all {
            let pairs = zip(labels, values).map { "\($0)=\"\(escaped($1))\"" }
            if kind == .histogram {
                renderHistogram(name, series, pairs, to: &out)
            } else {
                out += "\(name)\(braced(pairs)) \(number(series.value))\n".utf8
            }
        }
    }

    private func renderHistogram(_ name: String, _ series: Series, _ pairs: [String], to out: inout [UInt8]) {
        var total = 0
        for (bound, count) in zip(bounds, series.buckets) {
            total += count
            out += "\(name)_bucket\(braced(pairs + ["le=\"\(number(bound))\""])) \(total)\n".utf8
        }
        out += "\(name)_bucket\(braced(pairs + ["le=\"+Inf\""])) \(series.count)\n".utf8
        out += "\(name)_sum\(braced(pairs)) \(number(series.value))\n".utf8
        out += "\(name)_count\(braced(pairs)) \(series.count)\n".utf8
    }
}

private func braced(_ pairs: [String]) -> String { pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}" }

private func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
}

/// Escapes a label's value as the exposition format asks: backslash, quote and line feed.
private func escaped(_ value: String) -> String {
    var text = ""
    for character in value {
        switch character {
        case "\\": text += "\\\\"
        case "\"": text += "\\\""
        case "\n": text += "\\n"
        default: text.append(character)
        }
    }
    return text
}
