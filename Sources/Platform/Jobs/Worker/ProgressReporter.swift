import Database
import Kernel
import Synchronization

/// Writes a job's progress, now and then.
final class ProgressReporter: Sendable {
    private struct State {
        var lastAt: Timestamp?
        var isWriting = false
    }

    private let job: ClaimedJob
    private let jobs: JobQueue
    private let state = Mutex(State())

    init(_ job: ClaimedJob, _ jobs: JobQueue) {
        self.job = job
        self.jobs = jobs
    }

    func report(_ fraction: Double, _ note: String) {
        let now = jobs.time.now
        let isDue = state.withLock { state in
            if state.isWriting { return false }
            if let last = state.lastAt, now - last < jobs.settings.progressInterval { return false }
            state = State(lastAt: now, isWriting: true)
            return true
        }
        guard isDue else { return }
        let fraction = fraction.isNaN ? 0 : min(1, max(0, fraction))
        Task { [self] in
            // The fence keeps a lost attempt from drawing over the new one's progress. A failed write is no reason to
            // fail the work; the next report tries again.
            _ = try? await jobs.database.execute(
                """
                UPDATE job SET progress = \(fraction), note = \(note.isEmpty ? nil : note)
                WHERE id = \(job.id) AND attempt = \(job.attempt) AND state = 'running'
                """
            )
            state.withLock { $0.isWriting = false }
        }
    }
}
