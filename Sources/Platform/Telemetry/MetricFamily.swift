import Synchronization

/// All series of one metric name, by their label values.
final class Family: Sendable {
    enum Kind: String, Sendable {
        case counter, gauge, histogram
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
        series = Mutex(labels.isEmpty ? [[]: Series(bounds: buckets)] : [:])
    }

    /// The series of these label values, made when there is none yet.
    func series(_ values: [String]) -> Series {
        precondition(values.count == labels.count, "\(name) takes \(labels.count) labels")
        return series.withLock { all in
            if let known = all[values] { return known }
            let key = all.count >= limit ? values.map { _ in "overflow" } : values
            let made = all[key] ?? Series(bounds: bounds)
            all[key] = made
            return made
        }
    }

    /// The values of a series, without making one.
    func peek(_ values: [String]) -> Series.Values? { series.withLock { $0[values] }?.values }

    /// `name` is the family's own or a second one.
    func render(as name: String, to out: inout [UInt8]) {
        let all = series.withLock { $0.map { ($0.key, $0.value.values) } }
            .sorted { $0.0.lexicographicallyPrecedes($1.0) }
        out += "# HELP \(name) \(escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n".utf8
        for (values, series) in all {
            let pairs = zip(labels, values).map { "\($0)=\"\(escaped($1))\"" }
            if kind == .histogram {
                renderHistogram(name, series, pairs, to: &out)
            } else {
                out += "\(name)\(braced(pairs)) \(number(series.sum))\n".utf8
            }
        }
    }

    private func renderHistogram(
        _ name: String,
        _ series: Series.Values,
        _ pairs: [String],
        to out: inout [UInt8],
    ) {
        var total = 0
        for (bound, count) in zip(bounds, series.buckets) {
            total += count
            out += "\(name)_bucket\(braced(pairs + ["le=\"\(number(bound))\""])) \(total)\n".utf8
        }
        out += "\(name)_bucket\(braced(pairs + ["le=\"+Inf\""])) \(series.count)\n".utf8
        out += "\(name)_sum\(braced(pairs)) \(number(series.sum))\n".utf8
        out += "\(name)_count\(braced(pairs)) \(series.count)\n".utf8
    }
}

private func braced(_ pairs: [String]) -> String { pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}" }

/// Source: Prometheus exposition format 0.0.4, which names what is no finite number.
private func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
}

/// Escapes a label's value as the exposition format asks: backslash, quote and line feed. Byte by byte, because a
/// carriage return and a line feed are one `Character`.
private func escaped(_ value: String, quotes: Bool = true) -> String {
    var out: [UInt8] = []
    for byte in value.utf8 {
        switch byte {
        case UInt8(ascii: "\\"): out += "\\\\".utf8
        case UInt8(ascii: "\"") where quotes: out += "\\\"".utf8
        case UInt8(ascii: "\n"): out += "\\n".utf8
        default: out.append(byte)
        }
    }
    return String(decoding: out, as: UTF8.self)
}
