import Imaging
import Synchronization

/// Whether anybody still waits for the picture.
final class Cancellation: Sendable {
    private let flag = Atomic(false)

    func cancel() { flag.store(true, ordering: .relaxed) }

    var isCancelled: Bool { flag.load(ordering: .relaxed) }
}

/// Says when to stop working on a picture: its time is over, or nobody waits any more.
struct WorkStop: Sendable {
    let deadline: Deadline
    private let cancellation: Cancellation

    init(at deadline: Deadline, _ cancellation: Cancellation) {
        self.deadline = deadline
        self.cancellation = cancellation
    }

    /// - Throws: The reason to stop, if there is one.
    func check() throws {
        if cancellation.isCancelled { throw CancellationError() }
        if deadline.hasPassed { throw ImagingError.outOfTime }
    }
}
