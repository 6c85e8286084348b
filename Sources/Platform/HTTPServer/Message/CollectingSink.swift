import Synchronization

/// Keeps what a streamed body writes.
package final class CollectingSink: ResponseSink {
    private let collected = Mutex<[UInt8]>([])

    package init() {}

    package var bytes: [UInt8] { collected.withLock { $0 } }

    package func write(_ bytes: [UInt8]) async throws {
        try Task.checkCancellation()
        collected.withLock { $0 += bytes }
    }
}
