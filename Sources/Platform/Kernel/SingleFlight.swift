import Synchronization

/// One piece of work for many who want the same at the same time.
package final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private typealias Waiter = CheckedContinuation<Value, any Error>

    private struct Flight {
        let number: Int
        let task: Task<Void, Never>
        var waiters: [Int: Waiter]
    }

    private struct State {
        var flights: [Key: Flight] = [:]
        /// Numbers flights and those who wait for them.
        var lastNumber = 0
    }

    private let endsWithItsCallers: Bool
    private let state = Mutex(State())

    /// - Parameter endsWithItsCallers: Whether work that nobody waits for any more is cancelled.
    package init(endsWithItsCallers: Bool = false) { self.endsWithItsCallers = endsWithItsCallers }

    /// Runs `work`, or waits for the one that runs under this key. It is a task of its own, so that whoever began it may
    /// leave while others wait.
    ///
    /// - Throws: What `work` throws, or `CancellationError` as soon as the caller's task is cancelled.
    package func callAsFunction(
        _ key: Key,
        _ work: @escaping @Sendable () async throws -> Value,
    ) async throws -> Value {
        try Task.checkCancellation()
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                board(key, number, waiter, work)
                // A cancellation before the line above found nobody: it is heard here.
                if Task.isCancelled { leave(key, number) }
            }
        } onCancel: {
            leave(key, number)
        }
    }

    private func board(
        _ key: Key,
        _ number: Int,
        _ waiter: Waiter,
        _ work: @escaping @Sendable () async throws -> Value,
    ) {
        state.withLock { state in
            guard state.flights[key] == nil else {
                state.flights[key]?.waiters[number] = waiter
                return
            }
            let task = Task {
                do {
                    land(key, number, .success(try await work()))
                } catch {
                    land(key, number, .failure(error))
                }
            }
            state.flights[key] = Flight(number: number, task: task, waiters: [number: waiter])
        }
    }

    private func land(_ key: Key, _ number: Int, _ result: Result<Value, any Error>) {
        let waiters = state.withLock { state -> [Int: Waiter] in
            // One that everybody left is not the one that runs under this key now.
            guard state.flights[key]?.number == number else { return [:] }
            return state.flights.removeValue(forKey: key)?.waiters ?? [:]
        }
        for waiter in waiters.values { waiter.resume(with: result) }
    }

    private func leave(_ key: Key, _ number: Int) {
        let (waiter, unwanted) = state.withLock { state -> (Waiter?, Task<Void, Never>?) in
            guard let waiter = state.flights[key]?.waiters.removeValue(forKey: number) else { return (nil, nil) }
            guard endsWithItsCallers, state.flights[key]?.waiters.isEmpty == true else { return (waiter, nil) }
            return (waiter, state.flights.removeValue(forKey: key)?.task)
        }
        unwanted?.cancel()
        waiter?.resume(throwing: CancellationError())
    }
}
