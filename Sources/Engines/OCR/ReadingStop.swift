internal import CTesseract
import Imaging
import Synchronization

/// Whether anybody still waits for the words.
final class Cancellation: Sendable {
    private let flag = Atomic(false)

    func cancel() { flag.store(true, ordering: .relaxed) }

    var isCancelled: Bool { flag.load(ordering: .relaxed) }
}

/// Says when to stop reading: its time is over, or nobody waits any more.
final class ReadingStop: Sendable {
    let deadline: Deadline
    private let cancellation: Cancellation

    init(at deadline: Deadline, _ cancellation: Cancellation) {
        self.deadline = deadline
        self.cancellation = cancellation
    }

    /// - Throws: The reason to stop, if there is one.
    func check() throws {
        if cancellation.isCancelled { throw CancellationError() }
        if deadline.hasPassed { throw OCRError.outOfTime }
    }

    /// Lends a monitor to `body`, by which Tesseract asks between two words whether to go on.
    func watch<Value>(_ body: (OpaquePointer) -> Value) -> Value {
        guard let monitor = TessMonitorCreate() else { preconditionFailure("no memory for a monitor") }
        defer { TessMonitorDelete(monitor) }
        TessMonitorSetCancelThis(monitor, Unmanaged.passUnretained(self).toOpaque())
        TessMonitorSetCancelFunc(monitor) { context, _ in
            guard let context else { return false }
            let stop = Unmanaged<ReadingStop>.fromOpaque(context).takeUnretainedValue()
            return stop.cancellation.isCancelled || stop.deadline.hasPassed
        }
        return withExtendedLifetime(self) { body(monitor) }
    }
}
