import Synchronization

/// One piece of work for many who want the same at the same time.
package final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let running = Mutex<[Key: Task<Value, any Error>]>([:])

    package init() {}

    /// Runs `work`, or waits for the one that runs under this key. It is a task of its own, so that whoever began it may
    /// leave while others wait.
    ///
    /// - Throws: What `work` threw, or `CancellationError` at once when the caller's task is cancelled; the work goes on.
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
        let end = OneShot<Result<Value, any Error>>()
        Task { end.fulfil(await task.result) }
        return try await withTaskCancellationHandler {
            try await end.wait().get()
        } onCancel: {
            end.fulfil(.failure(CancellationError()))
        }
    }
}
