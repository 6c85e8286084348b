import Synchronization

/// An amount that tasks share, such as calls at once or bytes in memory. Who wants more than is left waits in line without
/// a thread, and nobody passes those who wait. Coming, going and leaving the line cost the same however long it is: tens of
/// thousands may leave it together.
package final class AsyncSemaphore: Sendable {
    private struct Waiter {
        let amount: Int
        let isIn: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var free: Int
        /// By tickets, which are given out in order.
        var waiting: [Int: Waiter] = [:]
        /// Nobody before this ticket waits.
        var firstTicket = 1
        var lastTicket = 0

        /// Takes those out of the line for whom there is room, until the first for whom there is none.
        mutating func admit() -> [Waiter] {
            var admitted: [Waiter] = []
            while !waiting.isEmpty, firstTicket <= lastTicket {
                if let waiter = waiting[firstTicket] {
                    guard waiter.amount <= free else { break }
                    free -= waiter.amount
                    waiting[firstTicket] = nil
                    admitted.append(waiter)
                }
                firstTicket += 1
            }
            return admitted
        }
    }

    private let total: Int
    private let state: Mutex<State>

    /// What is left.
    package var free: Int { state.withLock { $0.free } }
    /// Tasks in line.
    package var waiting: Int { state.withLock { $0.waiting.count } }

    /// `total`: what there is in all, at least 1.
    package init(_ total: Int) {
        self.total = total
        state = Mutex(State(free: total))
    }

    /// Runs `body` while it holds `amount`, or all there is when that is less.
    ///
    /// - Throws: `CancellationError` when the task is cancelled in line, else what `body` throws.
    package func hold<Value: Sendable>(_ amount: Int = 1, _ body: () async throws -> Value) async throws -> Value {
        let amount = min(amount, total)
        try await take(amount)
        defer { giveBack(amount) }
        return try await body()
    }

    private func take(_ amount: Int) async throws {
        try Task.checkCancellation()
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        let isIn = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isIn = state.withLock { state in
                    if state.waiting.isEmpty, amount <= state.free {
                        state.free -= amount
                        return true
                    }
                    state.waiting[ticket] = Waiter(amount: amount, isIn: continuation)
                    // It may have drawn its ticket before others that have passed already.
                    state.firstTicket = min(state.firstTicket, ticket)
                    return false
                }
                if isIn { continuation.resume(returning: true) }
                // A cancellation before the line above found nobody in line: end it here.
                if Task.isCancelled { cancel(ticket) }
            }
        } onCancel: {
            cancel(ticket)
        }
        guard isIn else { throw CancellationError() }
    }

    private func giveBack(_ amount: Int) {
        let admitted = state.withLock { state in
            state.free += amount
            return state.admit()
        }
        for waiter in admitted { waiter.isIn.resume(returning: true) }
    }

    /// Those behind may fit where this one did not.
    private func cancel(_ ticket: Int) {
        let (found, admitted) = state.withLock { state in
            let found = state.waiting.removeValue(forKey: ticket)
            return (found, found == nil ? [] : state.admit())
        }
        found?.isIn.resume(returning: false)
        for waiter in admitted { waiter.isIn.resume(returning: true) }
    }
}
