import Synchronization

/// What was billed for a wish: for good answers, for those that were worth nothing, and for refusals. Only whoever asks
/// pays, not those who get the same answer.
package final class Expenses: Sendable {
    private let sum = Mutex(0.0)

    package init() {}

    /// In the currency of the models' prices.
    package var total: Double { sum.withLock(\.self) }

    /// `cost`: as in ``total``.
    package func add(_ cost: Double) { sum.withLock { $0 += cost } }
}
