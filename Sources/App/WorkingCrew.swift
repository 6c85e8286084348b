import Jobs

/// Workers beside a command that ends by itself.
struct WorkingCrew: Sendable {
    private let task: Task<Void, any Error>
    private let lock: DirectoryLock?

    /// `lock` is held until the workers have ended; `nil` where several processes may work.
    init(_ jobs: JobQueue, queues: Set<String>, lock: DirectoryLock?) {
        self.lock = lock
        task = Task { try await Worker(jobs, queues: queues).run() }
    }

    /// Lets running jobs end; what waits is left for the next.
    func end() async {
        task.cancel()
        _ = await task.result
        withExtendedLifetime(lock) {}
    }
}
