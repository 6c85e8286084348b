import ModelGateway
import Synchronization

/// What was billed for a wish: for good answers, for those that were worth nothing, and for refusals. Only whoever asks
/// pays, not those who get the same answer.
package final class Expenses: Sendable {
    private let sum = Mutex(0.0)
    private let book: @Sendable (Double) async -> Void

    /// `book`: Writes down each amount when it is billed; what asked for it may be cancelled, lost or deleted by then.
    package init(_ book: @escaping @Sendable (Double) async -> Void = { _ in }) { self.book = book }

    /// In the currency of the models' prices.
    package var total: Double { sum.withLock(\.self) }

    /// `cost`: as in ``total``.
    package func add(_ cost: Double) async {
        guard cost > 0 else { return }
        sum.withLock { $0 += cost }
        await book(cost)
    }

    /// Adds what calls of models cost.
    var billing: ModelBilling { { [self] in await add($0.cost) } }
}
