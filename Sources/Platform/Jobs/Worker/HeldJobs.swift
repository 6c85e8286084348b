import Kernel
import Synchronization

/// Every claim that this process knows of, from its commit to the commit of its end.
///
/// On a server the answer to a commit can be lost while the commit is not: then the table says that this process holds
/// a job which nobody works on, and its lease would keep the job for ever.
final class HeldJobs: Sendable {
    struct Key: Hashable, Sendable {
        let id: ID<Job>
        /// The fence of the claim.
        let attempt: Int

        init(id: ID<Job>, attempt: Int) {
            self.id = id
            self.attempt = attempt
        }

        init(_ job: ClaimedJob) { self.init(id: job.id, attempt: job.attempt) }
    }

    private struct State {
        var known: Set<Key> = []
        /// What the last look found in the table and not here.
        var suspects: Set<Key> = []
    }

    private let state = Mutex(State())

    func add(_ jobs: [ClaimedJob]) { state.withLock { $0.known.formUnion(jobs.map(Key.init)) } }

    func remove(_ jobs: [ClaimedJob]) { state.withLock { $0.known.subtract(jobs.map(Key.init)) } }

    /// The claims in the table that this process did not know at this look and the one before: one that was just
    /// committed, or just ended, is between the two.
    func strays(among held: [Key]) -> [Key] {
        state.withLock { state in
            let unknown = Set(held).subtracting(state.known)
            defer { state.suspects = unknown }
            return Array(unknown.intersection(state.suspects))
        }
    }
}
