/// Where time comes from, so that tests never wait. `SystemTime` is the real one, `ManualTime` (in TestSupport)
/// moves only when a test says so.
package protocol TimeSource: Sendable {
    /// The present moment.
    var now: Timestamp { get }
    /// Returns when `deadline` has come; throws `CancellationError` when the task is cancelled before.
    func sleep(until deadline: Timestamp) async throws
}

/// The system's clock.
package struct SystemTime: TimeSource {
    package init() {}
    package var now: Timestamp { .now() }

    package func sleep(until deadline: Timestamp) async throws {
        let wait = deadline - now
        guard wait > .zero else { return try Task.checkCancellation() }
        try await Task.sleep(for: wait)
    }
}
