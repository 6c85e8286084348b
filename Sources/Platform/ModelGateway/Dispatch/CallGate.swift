import Synchronization

/// Lets so many calls of a provider run at once; further ones wait in line, without a thread.
final class CallGate: Sendable {
    private struct State {
        var free: Int
        var waiting: [(ticket: Int, wake: CheckedContinuation<Bool, Never>)] = []
        var nextTicket = 0
    }

    private let state: Mutex<State>

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
            state.nextTicket += 1
            return state.nextTicket
        }
        let isIn = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isIn = state.withLock { state in
                    if state.free > 0 {
                        state.free -= 1
                        return true
                    }
                    state.waiting.append((ticket, continuation))
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
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst().wake
        }
        next?.resume(returning: true)
    }

    private func cancel(_ ticket: Int) {
        let found = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard let place = state.waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
            return state.waiting.remove(at: place).wake
        }
        found?.resume(returning: false)
    }
}
