import Glibc
import Synchronization

/// A fixed number of threads for work that burns CPU or blocks: pixels, hashes, cold reads. Never the cooperative
/// pool, whose few threads every task shares.
///
/// The line before the threads is bounded: a full line is an error at once (503), never an endless wait.
package final class WorkPool: Sendable {
    /// The line is full.
    package struct Full: Failure {
        package var status: Int { 503 }
        package var code: String { "busy" }
        package var message: String { "The server is busy. Try again in a moment." }
        package var retryAfter: Duration? { .seconds(1) }
    }

    private struct Line {
        var waiting: [@Sendable () -> Void] = []
        var head = 0
        var isClosed = false
        var running = 0
        var count: Int { waiting.count - head }

        mutating func next() -> (@Sendable () -> Void)? {
            guard head < waiting.count else { return nil }
            let work = waiting[head]
            head += 1
            if head == waiting.count {
                waiting.removeAll(keepingCapacity: true)
                head = 0
            }
            return work
        }
    }

    private final class Shared: Sendable {
        let line = Mutex(Line())
        let available = Semaphore()
    }

    /// How many pieces of work run at once.
    package let width: Int
    private let limit: Int
    private let shared = Shared()

    /// `name`: Shown by `top -H`; the first 12 bytes count.
    /// `width`: Threads, at least 1.
    /// `limit`: Pieces that may wait; more are refused with ``Full``.
    package init(name: String, width: Int, limit: Int) {
        self.width = width
        self.limit = limit
        for index in 0..<width {
            startThread(name: "\(name.prefix(12))-\(index)") { [shared] in
                while true {
                    shared.available.wait()
                    let work = shared.line.withLock { line -> (@Sendable () -> Void)? in
                        let work = line.next()
                        if work != nil { line.running += 1 }
                        return work
                    }
                    guard let work else { return }
                    work()
                    shared.line.withLock { $0.running -= 1 }
                }
            }
        }
    }

    deinit {
        shared.line.withLock { $0.isClosed = true }
        for _ in 0..<width { shared.available.signal() }
    }

    /// Pieces waiting and running now.
    package var load: (waiting: Int, running: Int) {
        shared.line.withLock { ($0.count, $0.running) }
    }

    /// Runs `work` on one of the threads.
    ///
    /// - Throws: ``Full``, `CancellationError` when the task was cancelled before a thread was free, or what `work`
    ///   threw. Work that has begun is not interrupted.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        let isCancelled = CancellationFlag()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let accepted = shared.line.withLock { line -> Bool in
                    guard line.count < limit else { return false }
                    line.waiting.append {
                        if isCancelled.isSet {
                            continuation.resume(throwing: CancellationError())
                        } else {
                            continuation.resume(with: Result(catching: work))
                        }
                    }
                    return true
                }
                if accepted { shared.available.signal() } else { continuation.resume(throwing: Full()) }
            }
        } onCancel: {
            isCancelled.set()
        }
    }
}
