import Synchronization

/// One piece of work for many who want the same at the same time.
package final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let running = Mutex<[Key: Task<Value, any Error>]>([:])

    package init() {}

    /// Runs `work`, or waits for the one that runs under this key. It is a task of its own, so that whoever began it may
    /// leave while others wait.
    package func callAsFunction(
        _ key: Key,
        _ work: @escaping @Sendable () async throws -> Value,
    ) async throws -> Value {
        let task = running.withLock { running in
            if let task = running[key] { return task }
            let task = Task {
                defer { self.running.withLock { $0[key] = nil } }
                return try await work()
            }
            running[key] = task
            return task
        }
        return try await task.value
    }
}
