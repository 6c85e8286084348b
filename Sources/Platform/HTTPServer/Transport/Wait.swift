/// One call by which a handler waits for its connection: for bytes of the body, or for room to write. Cancelling the
/// task that waits ends this call and no other, because a handler may cancel a part of itself and go on.
///
/// Sendable because everything is touched on the loop's thread only.
final class Wait<Value: Sendable>: @unchecked Sendable {
    private var continuation: CheckedContinuation<Value, any Error>?
    private var isCancelled = false

    /// Whether somebody still waits.
    var isOpen: Bool { continuation != nil }

    /// - Returns: `false` when the task was cancelled before.
    func begin(_ continuation: CheckedContinuation<Value, any Error>) -> Bool {
        if isCancelled {
            continuation.resume(throwing: CancellationError())
        } else {
            self.continuation = continuation
        }
        return !isCancelled
    }

    /// Ends the wait; what comes later has no effect.
    func end(with result: Result<Value, any Error>) {
        let continuation = continuation
        self.continuation = nil
        continuation?.resume(with: result)
    }

    func cancel() {
        isCancelled = true
        end(with: .failure(CancellationError()))
    }
}
