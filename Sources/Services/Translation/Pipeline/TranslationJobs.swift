import Database
import Jobs
import Kernel
import SharedState
import Telemetry

/// Finds the words on a picture of a task.
struct ReadPicture: JobArguments {
    static let kind = "translation.read"
    let image: ID<TranslationImage>
}

/// Has the words of a picture translated; it may wait long for others.
struct TranslateWords: JobArguments {
    static let kind = "translation.translate"
    let image: ID<TranslationImage>
}

/// Draws the translation in place of the words.
struct RenderPicture: JobArguments {
    static let kind = "translation.render"
    let image: ID<TranslationImage>
}

/// The stages of the pipeline as kinds of jobs; a picture is in one of them at a time. A stage may run again at any
/// time: its effect says at what state it found the picture, and puts the next stage into the queue.
struct TranslationPipeline: Sendable {
    let reading: ReadingStage
    let translating: TranslatingStage
    let rendering: RenderingStage
    let parts: StageParts

    /// Registers the jobs.
    func register(with jobs: JobQueue) {
        jobs.register(
            JobDefinition(
                ReadPicture.self,
                queue: TranslationModule.readQueue,
                retry: .exponential(attempts: 4, base: .seconds(2), cap: .seconds(60)),
                timeout: .seconds(180),
                keepFinished: .seconds(600),
                onRequeue: { [parts] in try parts.putBack($0.image, to: .queued, $1) },
                onDead: { [parts] in try parts.giveUp($0.image, $1, $2) },
                begin: { [reading] in try reading.begin($0.image, in: $1) },
                work: { [reading] in try await reading.run($0, $1) },
            )
        )
        jobs.register(
            JobDefinition(
                TranslateWords.self,
                queue: TranslationModule.translateQueue,
                retry: .exponential(attempts: 5, base: .seconds(2), cap: .seconds(120)),
                timeout: .seconds(600),
                keepFinished: .seconds(600),
                onRequeue: { [parts] in try parts.putBack($0.image, to: .translating, $1) },
                onDead: { [parts] in try parts.giveUp($0.image, $1, $2) },
                begin: { [parts] in try parts.images.work(on: $0.image, in: $1) },
                work: { [translating] in try await translating.run($0, $1) },
            )
        )
        jobs.register(
            JobDefinition(
                RenderPicture.self,
                queue: TranslationModule.renderQueue,
                retry: .exponential(attempts: 4, base: .seconds(2), cap: .seconds(60)),
                timeout: .seconds(180),
                keepFinished: .seconds(600),
                onRequeue: { [parts] in try parts.putBack($0.image, to: .rendering, $1) },
                onDead: { [parts] in try parts.giveUp($0.image, $1, $2) },
                onDiscard: { [rendering] in try await rendering.discard($0.image) },
                begin: { [parts] in try parts.images.work(on: $0.image, in: $1) },
                work: { [rendering] work, _ in try await rendering.run(work) },
            )
        )
    }
}

/// What a stage works on.
struct StageWork: Sendable {
    var image: TranslationImage
    let task: TranslationTask
}

/// What the stages have in common. A class: most parts of the service hold it, and would be large with it as a value.
final class StageParts: Sendable {
    let changes: ChangeFeed<TranslationTask>
    let images: TranslationImageStore
    let jobs: JobQueue
    let metrics: TranslationMetrics
    let storage: ClientStorage
    let tasks: TaskStore
    let time: any TimeSource
    let usage: ClientUsage

    init(
        changes: ChangeFeed<TranslationTask>,
        images: TranslationImageStore,
        jobs: JobQueue,
        metrics: TranslationMetrics,
        storage: ClientStorage,
        tasks: TaskStore,
        time: any TimeSource,
        usage: ClientUsage,
    ) {
        self.changes = changes
        self.images = images
        self.jobs = jobs
        self.metrics = metrics
        self.storage = storage
        self.tasks = tasks
        self.time = time
        self.usage = usage
    }

    /// Puts a stage of a picture into the queue.
    @discardableResult
    func enqueue(
        _ arguments: some JobArguments,
        of image: ID<TranslationImage>,
        in transaction: any Transaction,
    ) throws -> ID<Job> {
        let priority = try FairTurns().priority(of: image, in: transaction)
        let job = try jobs.enqueue(arguments, priority: priority, in: transaction)
        try images.setJob(job, of: image, at: time.now, in: transaction)
        return job
    }

    /// Notes what the words of a picture are in the other language, and has it drawn.
    func pass(on result: TranslationResult, of image: TranslationImage, in transaction: any Transaction) throws {
        var result = result
        result.flags = image.flags + result.flags
        guard try images.setTranslated(result, of: image.id, in: transaction) else { return }
        try enqueue(RenderPicture(image: image.id), of: image.id, in: transaction)
        transaction.afterCommit { [changes] in changes.publish(image.task) }
    }

    /// Notes that a picture was given up.
    func giveUp(_ id: ID<TranslationImage>, _ failure: JobFailure, _ transaction: any Transaction) throws {
        let row = try transaction.first("SELECT task_id FROM translation_image WHERE id = \(id)")
        guard let task: ID<TranslationTask> = try row?.get("task_id") else { return }
        let isCancelled = failure.code == JobError.cancelled.code
        try finish(id, of: task, isCancelled ? "cancelled" : "failed", in: transaction) { [images, time] seq in
            try images.setFailed(
                id,
                isCancelled ? .cancelled : .failed,
                code: failure.code,
                message: failure.message,
                seq: seq,
                at: time.now,
                in: transaction,
            )
        }
    }

    /// Notes that a picture that was given up is in work again, at the stage whose job was brought back.
    func putBack(
        _ id: ID<TranslationImage>,
        to state: TranslationImage.State,
        _ transaction: any Transaction,
    ) throws {
        guard let task = try images.reopen(id, as: state, in: transaction) else { return }
        transaction.afterCommit { [changes] in changes.publish(task) }
    }

    /// Writes a result, and when it is the task's last one promises the call of its webhook. `write` gets the number of
    /// the result.
    func finish(
        _ id: ID<TranslationImage>,
        of task: ID<TranslationTask>,
        _ outcome: String,
        in transaction: any Transaction,
        write: (Int) throws -> Void,
    ) throws {
        guard let seq = try tasks.nextSeq(of: task, in: transaction) else { return }
        try write(seq)
        if try tasks.countUnfinished(of: task, in: transaction) == 0 {
            let row = try transaction.first("SELECT webhook_url FROM translation_task WHERE id = \(task)")
            if try row?.get("webhook_url", as: String?.self) != nil {
                try jobs.enqueue(DeliverWebhook(task: task), uniqueKey: task.description, in: transaction)
            }
        }
        transaction.afterCommit { [changes, metrics] in
            metrics.images.add(1, outcome)
            changes.publish(task)
        }
    }
}
