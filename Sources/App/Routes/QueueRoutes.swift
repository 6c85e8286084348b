import Accounts
import HTTPServer
import Jobs
import Kernel
import Web

/// The queues of all services, for operators: as JSON and as a page.
struct QueueRoutes: Sendable {
    let jobs: JobQueue
    let time: any TimeSource

    func addRoutes(to router: inout Router, operatorOnly: any Middleware) {
        router.get("/dashboard/queues", middleware: [operatorOnly], page)
        router.get("/api/v1/queues", middleware: [operatorOnly], list)
        router.get("/api/v1/queues/jobs", middleware: [operatorOnly], listJobs)
        router.post("/api/v1/queues/jobs/{job_id}/requeue", middleware: [operatorOnly], requeue)
        router.post("/api/v1/queues/jobs/{job_id}/cancel", middleware: [operatorOnly], cancel)
        router.post("/api/v1/queues/kinds/{kind}/resume", middleware: [operatorOnly], resume)
    }

    /// `GET /dashboard/queues`
    func page(_ request: Request) async throws -> Response {
        let page = queuesPage(
            try await jobs.overview(),
            running: try await jobs.runningJobs(),
            dead: try await jobs.deadLetters(),
            now: time.now,
        )
        return .page(page, for: request.principal.map { $0.name ?? $0.subject })
    }

    /// `GET /api/v1/queues`
    func list(_ request: Request) async throws -> Response {
        let now = time.now
        return .json(["queues": JSON(try await jobs.overview().map { queueJSON($0, now: now) })])
    }

    /// `GET /api/v1/queues/jobs?state=&queue=&limit=`
    func listJobs(_ request: Request) async throws -> Response {
        let state = try request.query("state", as: JobState.self) ?? .dead
        let limit = try request.query("limit", as: Int.self) ?? 50
        guard (1...1000).contains(limit) else {
            throw HTTPError.invalidParameter(name: "limit", reason: "Use a number from 1 to 1000.")
        }
        let queue = try request.query("queue", as: String.self)
        return .json(["jobs": JSON(try await jobs.jobs(in: state, queue: queue, limit: limit).map(jobJSON))])
    }

    /// `POST /api/v1/queues/jobs/{job_id}/requeue`
    func requeue(_ request: Request) async throws -> Response {
        let id = try request.jobID()
        guard try await jobs.requeue(id) else { throw try await problem(with: id) }
        return .json(["job_id": JSON(id), "state": "ready"])
    }

    /// `POST /api/v1/queues/jobs/{job_id}/cancel`
    func cancel(_ request: Request) async throws -> Response {
        let id = try request.jobID()
        switch try await jobs.cancel(id) {
        case .cancelled: return .json(["job_id": JSON(id), "state": "cancelled"])
        case .requested: return .json(["job_id": JSON(id), "state": "running"], status: 202)
        case .nothing: throw try await problem(with: id)
        }
    }

    /// `POST /api/v1/queues/kinds/{kind}/resume`
    func resume(_ request: Request) async throws -> Response {
        let kinds = try await jobs.resume(try request.path("kind", as: String.self))
        guard !kinds.isEmpty else { throw QueueError.nothingPaused }
        return .json(["resumed": JSON(kinds.map { JSON($0) })])
    }

    private func problem(with id: ID<Job>) async throws -> QueueError {
        guard let job = try await jobs.state(of: id) else { return .noSuchJob }
        return .wrongState(job.state)
    }
}

private enum QueueError: Failure {
    case noSuchJob
    case nothingPaused
    case wrongState(JobState)

    var status: Int {
        switch self {
        case .noSuchJob, .nothingPaused: 404
        case .wrongState: 409
        }
    }

    var code: String {
        switch self {
        case .noSuchJob: "job_not_found"
        case .nothingPaused: "nothing_paused"
        case .wrongState: "job_in_wrong_state"
        }
    }

    var message: String {
        switch self {
        case .noSuchJob: "There is no such job; finished ones are forgotten after a while."
        case .nothingPaused: "No kind of job and no queue of this name is paused."
        case .wrongState(let state): "The job is \(state.rawValue), so this cannot be done with it."
        }
    }
}

extension Request {
    fileprivate func jobID() throws -> ID<Job> {
        guard let id = ID<Job>(try path("job_id", as: String.self)) else { throw QueueError.noSuchJob }
        return id
    }
}

/// A queue for machines; times in seconds.
func queueJSON(_ queue: QueueOverview, now: Timestamp) -> JSON {
    [
        "queue": JSON(queue.queue),
        "ready": JSON(queue.ready),
        "delayed": JSON(queue.delayed),
        "running": JSON(queue.running),
        "dead": JSON(queue.dead),
        "oldest_waits_seconds": JSON(queue.waitingSince.map { max(0, (now - $0).seconds) }),
        "done_last_minute": JSON(queue.doneLastMinute),
        "dead_last_hour": JSON(queue.deadLastHour),
        "wait_seconds": quantiles(queue.waits),
        "work_seconds": quantiles(queue.works),
        "workers": JSON(queue.workers),
        "concurrency": JSON(queue.concurrency),
        "limiting_factor": JSON(queue.limitingFactor?.rawValue),
        "paused": JSON(queue.paused.map(pausedJSON)),
    ]
}

private func pausedJSON(_ paused: PausedKind) -> JSON {
    [
        "kind": JSON(paused.kind),
        "state": JSON(paused.state.rawValue),
        "reason": JSON(paused.reason),
        "since": JSON(paused.since),
        "resumes_at": JSON(paused.resumesAt),
    ]
}

private func quantiles(_ values: [Duration]) -> JSON {
    [
        "p50": JSON(QueueOverview.quantile(0.5, of: values)?.seconds),
        "p95": JSON(QueueOverview.quantile(0.95, of: values)?.seconds),
    ]
}

/// A job for machines, with what only operators may see.
func jobJSON(_ job: Job) -> JSON {
    [
        "job_id": JSON(job.id),
        "queue": JSON(job.queue),
        "kind": JSON(job.kind),
        "state": JSON(job.state.rawValue),
        "tries": JSON(job.tries),
        "priority": JSON(job.priority),
        "progress": JSON(job.progress),
        "note": JSON(job.note),
        "request_id": JSON(job.requestID),
        "created_at": JSON(job.createdAt),
        "run_at": JSON(job.runAt),
        "started_at": JSON(job.startedAt),
        "finished_at": JSON(job.finishedAt),
        "reason": job.reason.map { ["code": JSON($0.code), "message": JSON($0.message), "detail": JSON($0.detail)] }
            ?? .null,
    ]
}
