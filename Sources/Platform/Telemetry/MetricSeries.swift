import Kernel
import Synchronization

/// One series: a metric with one set of label values.
final class Series: Sendable {
    struct Values: Sendable {
        /// What counters and gauges show, and a histogram's sum.
        var sum = 0.0
        var count = 0
        /// Values up to each bound and above the one before.
        var buckets: [Int]
    }

    private let bounds: [Double]
    private let state: Mutex<Values>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(Values(buckets: Array(repeating: 0, count: bounds.count)))
    }

    var values: Values { state.withLock { $0 } }
    func add(_ amount: Double) { state.withLock { $0.sum += amount } }
    func set(_ value: Double) { state.withLock { $0.sum = value } }

    func observe(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 }
        state.withLock { values in
            values.sum += value
            values.count += 1
            if let bucket { values.buckets[bucket] += 1 }
        }
    }
}

/// A counter with its label values looked up, for hot paths that keep it.
package struct CounterSeries: Sendable {
    let series: Series
    /// Adds `amount`, which is not negative.
    package func add(_ amount: Double = 1) { series.add(amount) }
}

/// A gauge with its label values looked up, for hot paths that keep it.
package struct GaugeSeries: Sendable {
    let series: Series
    /// Sets the value.
    package func set(_ value: Double) { series.set(value) }
    /// Adds `amount`, which may be negative.
    package func add(_ amount: Double) { series.add(amount) }
}

/// A histogram with its label values looked up, for hot paths that keep it.
package struct HistogramSeries: Sendable {
    let series: Series
    /// Counts a value, in the unit that the name says.
    package func observe(_ value: Double) { series.observe(value) }
    /// Counts a duration in seconds.
    package func observe(_ duration: Duration) { series.observe(duration.seconds) }
}
