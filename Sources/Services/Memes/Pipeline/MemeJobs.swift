import Database
import Jobs
import Kernel

/// Reads the words on a meme's picture.
struct ReadMeme: JobArguments {
    static let kind = "memes.read"
    let meme: ID<Meme>
    /// The stages that shall run; `nil` for all.
    var stages: [MemeStage]?
}

/// Asks a vision model what a meme is about.
struct DescribeMeme: JobArguments {
    static let kind = "memes.describe"
    let meme: ID<Meme>
    /// The stages that shall run; `nil` for all.
    var stages: [MemeStage]?
}

/// Makes the vectors of a meme's words; the last stage.
struct EmbedMeme: JobArguments {
    static let kind = "memes.embed"
    let meme: ID<Meme>
    /// The stages that shall run; `nil` for all.
    var stages: [MemeStage]?
}

/// The stages of the pipeline as kinds of jobs. Each may run again at any time: what it found out about equal bytes is
/// taken from the table, and its effect replaces what it wrote before. A stage that is given up does not stop the next.
struct MemePipeline: Sendable {
    let reading: ReadingStage
    let describing: DescribingStage
    let embedding: EmbeddingStage
    let memes: MemeStore
    let stages: StageStore
    let jobs: JobQueue
    let time: any TimeSource

    /// Registers the jobs and what follows on each.
    func register() {
        jobs.register(
            JobDefinition(
                ReadMeme.self,
                queue: MemesModule.readQueue,
                retry: .exponential(attempts: 4, base: .seconds(2), cap: .seconds(300)),
                timeout: .seconds(180),
                onDead: { [self] arguments, failure, transaction in
                    guard try giveUp(.read, reading.version, arguments.meme, failure, transaction) else { return }
                    try jobs.enqueue(DescribeMeme(meme: arguments.meme, stages: arguments.stages), in: transaction)
                },
                work: { [self] arguments, _ in
                    guard try await runs(.read, reading.version, arguments.meme, arguments.stages) else {
                        return try await passOver(.read, reading.version, arguments.meme)
                    }
                    return try await reading.run(arguments.meme)
                },
            )
        )
        jobs.register(
            JobDefinition(
                DescribeMeme.self,
                queue: MemesModule.describeQueue,
                retry: .exponential(attempts: 5, base: .seconds(2), cap: .seconds(300)),
                timeout: .seconds(180),
                onDead: { [self] arguments, failure, transaction in
                    guard try giveUp(.describe, describing.version, arguments.meme, failure, transaction) else {
                        return
                    }
                    try jobs.enqueue(EmbedMeme(meme: arguments.meme, stages: arguments.stages), in: transaction)
                },
                work: { [self] arguments, _ in
                    guard try await runs(.describe, describing.version, arguments.meme, arguments.stages) else {
                        return try await passOver(.describe, describing.version, arguments.meme)
                    }
                    return try await describing.run(arguments.meme)
                },
            )
        )
        jobs.register(
            JobDefinition(
                EmbedMeme.self,
                queue: MemesModule.embedQueue,
                retry: .exponential(attempts: 5, base: .seconds(2), cap: .seconds(300)),
                timeout: .seconds(180),
                // What fails is the model, not the meme: while it is away, memes wait instead of using up their tries.
                breaker: CircuitBreaker(failures: 10, within: .seconds(60), resumeAfter: .seconds(60)),
                onDead: { [self] arguments, failure, transaction in
                    guard try giveUp(.embed, embedding.version, arguments.meme, failure, transaction) else { return }
                    try memes.setStatus(.failed, of: arguments.meme, in: transaction)
                    try memes.touch(arguments.meme, at: time.now, in: transaction)
                },
                work: { [embedding] arguments, _ in
                    let isWanted = arguments.stages?.contains(.embed) ?? true
                    return try await isWanted ? embedding.run(arguments.meme) : embedding.passOver(arguments.meme)
                },
            )
        )
        jobs.register(
            JobDefinition(
                ReembedMemes.self,
                queue: MemesModule.embedQueue,
                timeout: .seconds(3600),
                work: { [embedding, jobs] arguments, _ in try await embedding.runMissing(arguments, jobs) },
            )
        )
        jobs.chain(after: ReadMeme.self) { DescribeMeme(meme: $0.meme, stages: $0.stages) }
        jobs.chain(after: DescribeMeme.self) { EmbedMeme(meme: $0.meme, stages: $0.stages) }
    }

    /// Whether a stage runs: when it is wanted, or when it costs nothing because equal bytes went through it before.
    private func runs(
        _ stage: MemeStage,
        _ version: String,
        _ id: ID<Meme>,
        _ wanted: [MemeStage]?,
    ) async throws -> Bool {
        guard let wanted, !wanted.contains(stage), let meme = try await memes.find(id) else { return true }
        return try await stages.done(stage, version: version, hash: meme.contentHash) != nil
    }

    private func passOver(_ stage: MemeStage, _ version: String, _ id: ID<Meme>) async throws -> JobEffect {
        guard let meme = try await memes.find(id) else { return noEffect }
        return reading.parts.effect(meme, .leftOut(stage, version)) { _ in }
    }

    /// Notes that a stage was given up.
    ///
    /// - Returns: Whether the meme is still there, so that the next stage may run.
    private func giveUp(
        _ stage: MemeStage,
        _ version: String,
        _ id: ID<Meme>,
        _ failure: JobFailure,
        _ transaction: any Transaction,
    ) throws -> Bool {
        let row = try transaction.first("SELECT content_hash FROM meme WHERE id = \(id)")
        guard let hash: String = try row?.get("content_hash") else { return false }
        let result = StageResult(stage: stage, version: version, state: .failed, detail: failure.message)
        try stages.put(result, hash: hash, at: time.now, in: transaction)
        return true
    }
}

/// What the stages have in common.
struct StageParts: Sendable {
    let memes: MemeStore
    let texts: MemeTextStore
    let stages: StageStore
    let time: any TimeSource

    /// Writes what a stage found out, unless the meme was deleted meanwhile.
    func effect(
        _ meme: Meme,
        _ result: StageResult,
        also: @escaping @Sendable (any Transaction) throws -> Void,
    ) -> JobEffect {
        let (memes, stages, now) = (memes, stages, time.now)
        return { transaction in
            guard try transaction.first("SELECT id FROM meme WHERE id = \(meme.id)") != nil else { return }
            try stages.put(result, hash: meme.contentHash, at: now, in: transaction)
            try also(transaction)
            try memes.touch(meme.id, at: now, in: transaction)
        }
    }
}
