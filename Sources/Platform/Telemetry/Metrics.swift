import Kernel
import Synchronization

/// Every metric of the process, rendered as Prometheus text (exposition format 0.0.4).
///
/// Labels come from a small known set; a metric refuses to grow past 1,000 label sets and counts the rest under
/// `overflow`, so that a mistake cannot eat the memory.
package final class Metrics: Sendable {
    private let families = Mutex<[String: Family]>([:])
    /// Second names and the names they stand for.
    private let aliases = Mutex<[String: String]>([:])
    private let collectors = Mutex<[@Sendable () -> Void]>([])

    package init() {}

    /// A value that only grows, such as `http_requests_total`.
    package func counter(_ name: String, _ help: String, labels: [String] = []) -> Counter {
        Counter(family: family(name, help, .counter, labels, buckets: []))
    }

    /// A value that goes up and down.
    package func gauge(_ name: String, _ help: String, labels: [String] = []) -> Gauge {
        Gauge(family: family(name, help, .gauge, labels, buckets: []))
    }

    /// A distribution; `buckets` are upper bounds in ascending order, in the unit that the name says (seconds).
    package func histogram(
        _ name: String,
        _ help: String,
        labels: [String] = [],
        buckets: [Double] = Histogram.seconds,
    ) -> Histogram {
        Histogram(family: family(name, help, .histogram, labels, buckets: buckets))
    }

    /// Renders a metric a second time under the name by which dashboards of a replaced system ask for it. Without the
    /// metric nothing is rendered.
    package func alias(_ alias: String, of name: String) {
        aliases.withLock { $0[alias] = name }
    }

    /// Runs before each rendering, for gauges that are read rather than kept.
    package func onCollect(_ collect: @escaping @Sendable () -> Void) {
        collectors.withLock { $0.append(collect) }
    }

    /// Prometheus text, families in alphabetical order.
    package func render() -> [UInt8] {
        for collect in collectors.withLock({ $0 }) { collect() }
        let families = self.families.withLock { $0 }
        let seconds = aliases.withLock { $0 }.compactMapValues { families[$0] }
        var out: [UInt8] = []
        for (name, family) in families.merging(seconds, uniquingKeysWith: { own, _ in own }).sorted(by: {
            $0.key < $1.key
        }) {
            family.render(as: name, to: &out)
        }
        return out
    }

    private func family(
        _ name: String,
        _ help: String,
        _ kind: Family.Kind,
        _ labels: [String],
        buckets: [Double],
    )
        -> Family
    {
        families.withLock { families in
            if let family = families[name] {
                precondition(family.kind == kind && family.labels == labels, "\(name) is registered differently")
                return family
            }
            let family = Family(name: name, help: help, kind: kind, labels: labels, buckets: buckets)
            families[name] = family
            return family
        }
    }
}

/// A value that only grows.
package struct Counter: Sendable {
    fileprivate let family: Family

    /// The series of these label values, in the order of the declaration, for a hot path to keep: it saves the look-up.
    package func at(_ labels: String...) -> CounterSeries { CounterSeries(series: family.series(labels)) }
    /// Adds `amount`, which is not negative. `labels` are the values, in the order of the declaration.
    package func add(_ amount: Double = 1, _ labels: String...) { family.series(labels).add(amount) }
    /// The value now, for tests and the dashboard.
    package func value(_ labels: String...) -> Double { family.peek(labels)?.sum ?? 0 }
}

/// A value that goes up and down.
package struct Gauge: Sendable {
    fileprivate let family: Family

    /// The series of these label values, for a hot path to keep.
    package func at(_ labels: String...) -> GaugeSeries { GaugeSeries(series: family.series(labels)) }
    /// Sets the value of a series.
    package func set(_ value: Double, _ labels: String...) { family.series(labels).set(value) }
    /// Adds `amount`, which may be negative.
    package func add(_ amount: Double, _ labels: String...) { family.series(labels).add(amount) }
    /// The value now, 0 for a series that is not there.
    package func value(_ labels: String...) -> Double { family.peek(labels)?.sum ?? 0 }
}

/// How values are distributed over buckets.
package struct Histogram: Sendable {
    fileprivate let family: Family

    /// Upper bounds for latencies, from half a millisecond to a minute.
    package static let seconds = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    /// The series of these label values, for a hot path to keep.
    package func at(_ labels: String...) -> HistogramSeries { HistogramSeries(series: family.series(labels)) }
    /// Counts a value, in the unit that the name says.
    package func observe(_ value: Double, _ labels: String...) { family.series(labels).observe(value) }
    /// Counts a duration in seconds.
    package func observe(_ duration: Duration, _ labels: String...) { family.series(labels).observe(duration.seconds) }
    /// How many values were observed.
    package func count(_ labels: String...) -> Int { family.peek(labels)?.count ?? 0 }
}
