import Synchronization

/// Lets so many calls of a provider run at once; further ones wait in line, without a thread. Coming, going and leaving
/// the line cost the same however long it is: tens of thousands may leave it together.
final class CallGate: Sendable {
    private typealias Waiter = CheckedContinuation<Bool, Never>

    private struct State {
        var free: Int
        /// By tickets, which are given out in order.
        var waiting: [Int: Waiter] = [:]
        /// Nobody before this ticket waits.
        var firstTicket = 1
        var lastTicket = 0

        mutating func takeFirst() -> Waiter? {
            guard !waiting.isEmpty else { return nil }
            while firstTicket <= lastTicket {
                defer { firstTicket += 1 }
                if let waiter = waiting.removeValue(forKey: firstTicket) { return waiter }
            }
            return nil
        }
    }

    private let state: Mutex<State>

    /// Places that are free.
    var free: Int { state.withLock { $0.free } }
    /// Calls in line.
    var waiting: Int { state.withLock { $0.waiting.count } }

    init(_ width: Int) { state = Mutex(State(free: width)) }

    /// Runs `body` when there is room.
    ///
    /// - Throws: `CancellationError` when the task is cancelled in line, else what `body` throws.
    func run<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        try await enter()
        defer { leave() }
        return try await body()
    }

    private func enter() async throws {
        try Task.checkCancellation()
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        let isIn = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isIn = state.withLock { state in
                    if state.free > 0 {
                        state.free -= 1
                        return true
                    }
                    state.waiting[ticket] = continuation
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

    private func leave() {
        let next = state.withLock { state in
            let next = state.takeFirst()
            if next == nil { state.free += 1 }
            return next
        }
        next?.resume(returning: true)
    }

    private func cancel(_ ticket: Int) {
        let found = state.withLock { $0.waiting.removeValue(forKey: ticket) }
        found?.resume(returning: false)
    }
}
