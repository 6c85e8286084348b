import Synchronization

/// Carries a body from the client's thread to its reader. Bounded: when the reader is behind, the writer is told to
/// stop, libcurl stops reading the socket, and TCP holds the sender.
final class BodyChannel: Sendable {
    private typealias Waiter = CheckedContinuation<Result<[UInt8]?, HTTPClientError>, Never>

    private struct State {
        var pieces: [[UInt8]] = []
        var head = 0
        var bytes = 0
        var isPaused = false
        var end: Result<[UInt8]?, HTTPClientError>?
        var waiter: Waiter?

        mutating func takePiece() -> [UInt8]? {
            guard head < pieces.count else { return nil }
            let piece = pieces[head]
            head += 1
            bytes -= piece.count
            if head == pieces.count {
                pieces.removeAll(keepingCapacity: true)
                head = 0
            }
            return piece
        }
    }

    /// Bytes in memory at which the writer must stop; it goes on when half of them are read.
    static let limit = 256 << 10

    private let state = Mutex(State())

    /// - Returns: `false` when there is no room: the bytes were not taken, and `resume` will be called by the reader.
    func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let (isTaken, waiter) = state.withLock { state -> (Bool, Waiter?) in
            if let waiter = state.waiter {
                state.waiter = nil
                return (true, waiter)
            }
            guard state.bytes < Self.limit else {
                state.isPaused = true
                return (false, nil)
            }
            state.pieces.append(Array(bytes))
            state.bytes += bytes.count
            return (true, nil)
        }
        waiter?.resume(returning: .success(Array(bytes)))
        return isTaken
    }

    /// The body is whole, or broke with `error`. What was written before is read first.
    func finish(_ error: HTTPClientError?) {
        let end: Result<[UInt8]?, HTTPClientError> = error.map { .failure($0) } ?? .success(nil)
        let waiter = state.withLock { state in
            if state.end == nil { state.end = end }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: end)
    }

    /// The next piece; `nil` at the end, an error when the body broke.
    func next(_ resume: @Sendable () -> Void) async -> Result<[UInt8]?, HTTPClientError> {
        await withCheckedContinuation { continuation in
            let (result, mustResume) = state.withLock { state in take(&state, else: continuation) }
            if mustResume { resume() }
            if let result { continuation.resume(returning: result) }
        }
    }

    private func take(
        _ state: inout State,
        else waiter: sending Waiter,
    ) -> (Result<[UInt8]?, HTTPClientError>?, mustResume: Bool) {
        let piece = state.takePiece()
        let mustResume = state.isPaused && state.bytes <= Self.limit / 2
        if mustResume { state.isPaused = false }
        if let piece { return (.success(piece), mustResume) }
        if let end = state.end { return (end, false) }
        precondition(state.waiter == nil, "a body has one reader")
        state.waiter = waiter
        return (nil, mustResume)
    }
}
