import Database
import Imaging
import Jobs
import Kernel
import ObjectStore
import SharedState
import Telemetry

/// Makes the sizes of one picture. Safe to run twice: keys and rows are replaced, never appended, and the result
/// counts only while this attempt holds the job.
struct MakeVariants: JobArguments {
    static let kind = "images.make_variants"
    let image: ID<ImageRecord>
    /// Whether a file whose end is missing will do.
    let isLenient: Bool
}

extension MakeVariants {
    /// Jobs that were queued before there was leniency name none.
    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        image = try fields.decode(ID<ImageRecord>.self, forKey: .image)
        isLenient = try fields.decodeIfPresent(Bool.self, forKey: .isLenient) ?? false
    }
}

/// The work of ``MakeVariants``.
struct VariantWork: Sendable {
    let files: ImageObjects
    let objects: any ObjectStore
    let pool: WorkPool
    let settings: ImagesSettings
    let store: ImageStore
    let changes: ChangeFeed<Job>
    let time: any TimeSource
    let metrics: ImagesMetrics

    func callAsFunction(_ arguments: MakeVariants, _ context: JobContext) async throws -> JobEffect {
        guard let image = try await store.find(arguments.image) else { return noEffect }  // deleted meanwhile
        do {
            return try await work(image, isLenient: arguments.isLenient, context)
        } catch {
            if case .some(.none) = try? await store.find(image.id) { files.removeSoon(image.id, bucket: image.bucket) }
            throw error
        }
    }

    private func work(_ image: ImageRecord, isLenient: Bool, _ context: JobContext) async throws -> JobEffect {
        try await start(image, context)
        if let effect = try await copyOfTwin(image, isLenient: isLenient) { return effect }
        let source: [UInt8]
        do { source = try await objects.get(image.sourceKey) } catch StorageError.notFound {
            guard let (variants, facts) = try await storedSizes(of: image) else { throw StorageError.notFound }
            return finish(image, variants: variants, facts: factsJSON(facts))
        }
        let (variants, facts) = try await make(image, source, settings.variantMaker(isLenient: isLenient), context)
        return finish(image, variants: variants, facts: factsJSON(facts))
    }

    private func start(_ image: ImageRecord, _ context: JobContext) async throws {
        let (store, now, attempt, changes) = (store, time.now, context.attempt, changes)
        try await context.transaction { transaction in
            try store.start(image.id, attempt: attempt, at: now, in: transaction)
            try ImageEvent.processingStarted.record(
                image: image.id,
                job: image.jobID,
                detail: ["attempt": JSON(attempt)],
                at: now,
                in: transaction,
            )
            transaction.afterCommit { changes.publish(image.jobID) }
        }
    }

    /// Decodes once and stores each size as it is encoded; the smallest can be seen while the rest is made.
    private func make(
        _ image: ImageRecord,
        _ source: [UInt8],
        _ maker: VariantMaker,
        _ context: JobContext,
    ) async throws
        -> (variants: [StoredVariant], facts: PictureFacts)
    {
        let (encoded, feed) = AsyncThrowingStream<Variant, any Error>.makeStream()
        async let facts = produce(source, by: maker, into: feed)
        let startedAt = time.now
        var variants: [StoredVariant] = []
        for try await variant in encoded {
            variants.append(try await keep(variant, of: image))
            metrics.processing.observe(time.now - startedAt, variant.name)
            try await publish(variants, of: image, context)
        }
        try Task.checkCancellation()  // the stream of a cancelled task just ends
        return (variants, try await facts)
    }

    private func produce(
        _ source: [UInt8],
        by maker: VariantMaker,
        into feed: AsyncThrowingStream<Variant, any Error>.Continuation,
    ) async throws -> PictureFacts {
        do {
            let facts = try await pool.run { try maker.make(from: source) { feed.yield($0) } }
            feed.finish()
            giveMemoryBack()
            return facts
        } catch {
            feed.finish(throwing: error)
            throw error
        }
    }

    /// With nothing left to do the allocator returns its free pages; a picture of 12 MP leaves 60 MB of them.
    private func giveMemoryBack() {
        let load = pool.load
        guard load.waiting == 0, load.running == 0 else { return }
        Task { [pool] in try? await pool.run { Imaging.trim() } }
    }

    private func keep(_ variant: Variant, of image: ImageRecord) async throws -> StoredVariant {
        try await objects.put(
            variant.bytes,
            at: variantKey(of: image.id, bucket: image.bucket, name: variant.name),
        )
        if variant.copyOf == nil { metrics.encoded.add(1, variant.name) }
        metrics.storedBytes.add(Double(variant.bytes.count), variant.name)
        return StoredVariant(
            name: variant.name,
            width: variant.size.width,
            height: variant.size.height,
            sizeBytes: variant.bytes.count,
        )
    }

    private func publish(_ variants: [StoredVariant], of image: ImageRecord, _ context: JobContext) async throws {
        guard variants.count < settings.sizes.count else { return }  // the last ones come with the end of the job
        let (store, changes) = (store, changes)
        try await context.transaction { transaction in
            for variant in variants { try store.put(variant, of: image.id, in: transaction) }
            transaction.afterCommit { changes.publish(image.jobID) }
        }
    }

    /// The sizes of a picture with equal bytes, copied instead of encoded again; `nil` when there is none.
    private func copyOfTwin(_ image: ImageRecord, isLenient: Bool) async throws -> JobEffect? {
        let recipe = settings.recipe(isLenient: isLenient)
        guard let twin = try await store.twin(of: image, recipe: recipe) else { return nil }
        let variants = try await store.variants(of: twin.id)
        // The twin may be deleted at any moment, its sizes one by one; then the work is done as for any other picture.
        guard variants.count == settings.sizes.count else { return nil }
        for variant in variants {
            let key = variantKey(of: twin.id, bucket: twin.bucket, name: variant.name)
            guard let bytes = try? await objects.get(key) else { return nil }
            try await objects.put(bytes, at: variantKey(of: image.id, bucket: image.bucket, name: variant.name))
        }
        metrics.copied.add()
        return finish(image, variants: variants, facts: twin.facts)
    }

    private func finish(_ image: ImageRecord, variants: [StoredVariant], facts: JSON) -> JobEffect {
        let (store, time, changes, files, metrics) = (store, time, changes, files, metrics)
        return { transaction in
            guard try isAlive(image.id, in: transaction) else {
                transaction.afterCommit { files.removeSoon(image.id, bucket: image.bucket) }
                return
            }
            let now = time.now
            for variant in variants { try store.put(variant, of: image.id, in: transaction) }
            let hash = facts["perceptual_hash"]?.string
            try store.complete(image.id, facts: facts, perceptualHash: hash, at: now, in: transaction)
            try ImageEvent.completed.record(image: image.id, job: image.jobID, at: now, in: transaction)
            transaction.afterCommit {
                changes.publish(image.jobID)
                metrics.jobs.add(1, "completed")
                files.removeSourceSoon(image.id)
            }
        }
    }
}

private func isAlive(_ id: ID<ImageRecord>, in transaction: any Transaction) throws -> Bool {
    try !transaction.query("SELECT id FROM image WHERE id = \(id) AND deleted_at IS NULL").isEmpty
}
