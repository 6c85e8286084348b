import Accounts
import HTTPServer
import Kernel
import Telemetry

/// Making tasks, waiting for them, and removing them.
///
/// A class: as a value it would be copied with all it stands on into every request that waits.
final class TaskRoutes: Sendable {
    let create: CreateTask
    let estimate: WaitEstimate
    let follower: TaskFollower
    let reader: TaskReader
    let remove: RemoveTask
    let settings: TranslationSettings
    let trail: TaskTrail
    let webhooks: WebhookSigner
    let wire: TranslationWire

    init(
        create: CreateTask,
        estimate: WaitEstimate,
        follower: TaskFollower,
        reader: TaskReader,
        remove: RemoveTask,
        settings: TranslationSettings,
        trail: TaskTrail,
        webhooks: WebhookSigner,
        wire: TranslationWire,
    ) {
        self.create = create
        self.estimate = estimate
        self.follower = follower
        self.reader = reader
        self.remove = remove
        self.settings = settings
        self.trail = trail
        self.webhooks = webhooks
        self.wire = wire
    }

    private var tasks: TaskStore { follower.tasks }

    /// `POST /api/v1/translate`: a form with `file` or `files`, or JSON.
    func make(_ request: Request) async throws -> Response {
        let principal = try request.translator()
        guard principal.mayTranslate else { throw TranslationError.notAllowed }
        let metrics = create.parts.metrics
        do {
            let key = try idempotencyKey(request)
            let created = try await create(
                try await reader.read(request),
                owner: principal.subject,
                client: request.client,
                key: key,
            )
            metrics.tasks.add(1, created.isReplay ? "replayed" : "accepted")
            if !created.isReplay {
                trail.note("translation task made", created.id, by: principal, pictures: created.images)
            }
            var response = Response.json(try await accepted(created))
            if created.isReplay { response.headers["Idempotency-Replayed"] = "true" }
            return response
        } catch {
            metrics.tasks.add(1, ((error as? any Failure)?.status ?? 500) < 500 ? "rejected" : "failed")
            throw error
        }
    }

    private func accepted(_ created: CreateTask.Created) async throws -> JSON {
        [
            "task_id": JSON(created.id), "status": "pending",
            "estimated_processing_time": JSON(try await estimate.seconds(for: created)),
            "webhook_secret": JSON(webhooks.secret(of: created.id)),
            "skipped": JSON(created.skipped.map(\.json)),
        ]
    }

    private func idempotencyKey(_ request: Request) throws -> String? {
        guard let key = request.headers["Idempotency-Key"] else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw TranslationError.badField(
                name: "Idempotency-Key",
                reason: "Use 1 to 255 printable ASCII characters.",
            )
        }
        return key
    }

    /// `GET /api/v1/translate/result/{task_id}?timeout=60&since=3`: waits for a result after `since`; without it, for
    /// one that no such poll has told yet.
    func result(_ request: Request) async throws -> Response {
        let poll = try await onOwnStack { try await self.readPoll(request) }
        return try await follower.wait(for: poll.task, after: { poll.since ?? $0.delivered }, until: poll.deadline) {
            try await self.result(of: $0, poll)
        }
    }

    /// What a poll asks for.
    private struct Poll: Sendable {
        let task: ID<TranslationTask>
        /// The last result that the client knows; `nil` when it does not say.
        let since: Int?
        let deadline: Timestamp
        /// Of the links in the answer.
        let base: String
    }

    private func readPoll(_ request: Request) async throws -> Poll {
        let task = try await requested(request).task.id
        let timeout = try request.query("timeout", as: Double.self) ?? settings.pollingTimeout.seconds
        guard timeout >= 0 else {
            throw TranslationError.badField(name: "timeout", reason: "Use a number of seconds from 0.")
        }
        let since = try request.query("since", as: Int.self)
        guard since.map((0...1_000_000_000).contains) ?? true else {
            throw TranslationError.badField(name: "since", reason: "Use the seq of the last answer.")
        }
        let wait = min(Duration.milliseconds(Int64(min(timeout, 1e6) * 1000)), settings.pollingTimeout)
        return Poll(task: task, since: since, deadline: follower.time.now + wait, base: wire.base(request))
    }

    private func result(of state: TaskState, _ poll: Poll) async throws -> Response {
        if poll.since == nil, state.seq > state.task.delivered {
            try await tasks.setDelivered(state.seq, of: poll.task)
        }
        let outlook = state.isFinal ? nil : try await estimate.outlook(for: state)
        return .json(wire.result(state, outlook, base: poll.base))
    }

    /// `GET /api/v1/translate/result/{task_id}/events`: `image` for every picture that moved on, `task` at the end. A
    /// client that comes back gets what it missed.
    func events(_ request: Request) async throws -> Response {
        let id = try await requested(request).task.id
        let base = wire.base(request)
        let last = request.headers["Last-Event-ID"].flatMap { Int($0) } ?? 0
        return .events { [self] writer in
            var told: [Int: TranslationImage] = [:]
            try await follower.follow(id) { state in
                told = try await onOwnStack { [told] in
                    try await self.tell(state, after: last, told, base, to: writer)
                }
            }
        }
    }

    /// Sends what is new of a task; gives all pictures as they were told.
    private func tell(
        _ state: TaskState,
        after last: Int,
        _ told: [Int: TranslationImage],
        _ base: String,
        to writer: EventWriter,
    ) async throws -> [Int: TranslationImage] {
        var told = told
        // In the order in which they ended: a client that comes back names the last that it heard of.
        for image in state.images.sorted(by: { $0.seq < $1.seq }) where told[image.position] != image {
            told[image.position] = image
            guard !image.state.isFinal || image.seq > last else { continue }
            let number = image.state.isFinal ? "\(image.seq)" : nil
            try await writer.send(event: "image", data: wire.picture(image, base).text, id: number)
        }
        if state.isFinal { try await writer.send(event: "task", data: wire.result(state, base: base).text) }
        return told
    }

    /// `DELETE /api/v1/translate/result/{task_id}`: the task, its pictures and its waiting work.
    func delete(_ request: Request) async throws -> Response {
        let state = try await requested(request)
        try await remove(state.task.id)
        trail.note("translation task deleted", state.task.id, by: try request.translator())
        return .json(["task_id": JSON(state.task.id), "deleted": true])
    }

    /// `GET /api/v1/translate/tasks`: the newest of the asker's.
    func list(_ request: Request) async throws -> Response {
        let principal = try request.translator()
        let latest = try await tasks.latest(of: principal.subject, limit: 50)
        return .json([
            "tasks": JSON(
                latest.map { task in
                    [
                        "task_id": JSON(task.id), "target_language": JSON(Language(task.target)?.name ?? task.target),
                        "total_images": JSON(task.images), "created_at": JSON(task.createdAt),
                    ] as JSON
                }
            )
        ])
    }

    private func requested(_ request: Request) async throws -> TaskState { try await tasks.requested(by: request) }
}

extension TaskStore {
    /// The task that a path names, for whoever may see it; for everyone else it is not there.
    func requested(by request: Request) async throws -> TaskState {
        let principal = try request.translator()
        guard let id = ID<TranslationTask>(try request.path("task_id", as: String.self)),
            let state = try await find(id), principal.maySee(state.task)
        else { throw TranslationError.taskNotFound }
        return state
    }
}

extension Principal {
    /// The scope of API keys that begin tasks. People may without it.
    static let translating = "translate"

    /// A key made for something else, such as reading metrics, spends no money of models.
    fileprivate var mayTranslate: Bool {
        if case .apiKey = proof { may(Self.translating) } else { true }
    }

    fileprivate func maySee(_ task: TranslationTask) -> Bool {
        subject == task.owner || isAdmin || may("image:admin")
    }
}

extension Request {
    /// - Throws: 401 without a principal.
    @discardableResult
    func translator() throws(TranslationError) -> Principal {
        guard let principal else { throw .notSignedIn }
        return principal
    }
}
