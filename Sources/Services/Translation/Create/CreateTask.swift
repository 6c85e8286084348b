import Database
import Images
import Imaging
import Jobs
import Kernel

/// Takes in a task: stores its pictures, and promises their translation in the transaction that makes it visible.
struct CreateTask: Sendable {
    let desk: TranslationDesk
    let images: ImagesModule
    let parts: StageParts
    let settings: TranslationSettings

    /// What came of it.
    struct Created: Sendable {
        let id: ID<TranslationTask>
        let images: Int
        let skipped: [FileUnpacker.Skipped]
        /// Whether the request is the repetition of an earlier one.
        var isReplay = false
    }

    /// A `key` names the request: the same one of the same `owner` again gets the same task. When it throws, nothing is
    /// left behind.
    ///
    /// Clients take turns: `client` says whose the pictures are then.
    func callAsFunction(
        _ request: TaskRequest,
        owner: String,
        client: String,
        key: String?,
    ) async throws -> Created {
        try checkProviders(request)
        let task = newTask(request, owner)
        var stored: [ID<StoredPicture>] = []
        var hashes: [String] = []
        do {
            for (position, picture) in request.pictures.enumerated() {
                let bytes = try await picture.read()
                hashes.append(Digest.sha256(bytes).hexadecimal)
                let isLast = position == request.pictures.count - 1
                let name = key.map { IdempotencyName(owner: owner, key: $0, request, hashes) }
                let place = isLast ? Place.last(name, client: client) : .one
                stored.append(try await store(bytes, picture.name, position, of: task, place))
            }
        } catch let error as KeyIsTaken {
            await remove(task.id, stored)
            guard error.isSameRequest else { throw TranslationError.idempotencyKeyReused }
            let images = request.pictures.count
            return Created(id: error.task, images: images, skipped: request.skipped, isReplay: true)
        } catch {
            await remove(task.id, stored)
            throw error
        }
        return Created(id: task.id, images: task.images, skipped: request.skipped)
    }

    /// - Throws: 422 when nobody gets to the language at all.
    private func checkProviders(_ request: TaskRequest) throws {
        if let source = request.source, source.code == request.target.code { return }
        let names = request.provider.map(TranslationDesk.names)
        if let names, names.isEmpty || !names.allSatisfy({ name in desk.providers.contains { $0.name == name } }) {
            let known = ["auto"] + desk.providers.map(\.name)
            throw TranslationError.badField(
                name: "provider",
                reason: "Use one of \(known.joined(separator: ", ")), or several with commas between.",
            )
        }
        guard desk.candidates(request.provider, from: request.source, to: request.target).isEmpty else { return }
        throw desk.unsupported(from: request.source, to: request.target)
    }

    private func newTask(_ request: TaskRequest, _ owner: String) -> NewTask {
        let now = parts.time.now
        return NewTask(
            id: ID(),
            owner: owner,
            target: request.target,
            source: request.source,
            provider: request.provider,
            options: request.options,
            webhookURL: request.webhookURL,
            images: request.pictures.count,
            createdAt: now,
            expiresAt: now + settings.retention,
            deadline: request.patience.map { now + $0 },
        )
    }

    private enum Place {
        case one
        /// With the name of the request, if it has one.
        case last(IdempotencyName?, client: String)
    }

    /// The first picture brings the task's row, the last one makes the task visible and enqueues all work.
    private func store(
        _ bytes: [UInt8],
        _ name: String,
        _ position: Int,
        of task: NewTask,
        _ place: Place,
    ) async throws -> ID<StoredPicture> {
        let parts = parts
        do {
            let picture = try await images.store(bytes, settings.storePolicy) { picture, transaction in
                if position == 0 { try parts.tasks.insert(task, in: transaction) }
                let size = picture.header.size
                try parts.images.insert(
                    NewTranslationImage(
                        id: ID(same: picture.id),
                        task: task.id,
                        position: position,
                        contentHash: picture.contentHash,
                        fileName: String(name.prefix(255)),
                        width: size.width,
                        height: size.height,
                        flags: picture.header.frames > 1 ? [PictureLetterer.firstOnly] : [],
                    ),
                    in: transaction,
                )
                guard case .last(let name, let client) = place else { return }
                try name?.take(for: task.id, in: transaction)
                try parts.accept(task, of: client, in: transaction)
            }
            return picture.id
        } catch let error as any Failure where [413, 415, 422].contains(error.status) {
            throw TranslationError.badFile(name: name, reason: error.message, status: error.status == 413 ? 413 : 400)
        }
    }

    private func remove(_ task: ID<TranslationTask>, _ stored: [ID<StoredPicture>]) async {
        for id in stored { _ = try? await images.delete(id, actor: "translation") }
        let tasks = parts.tasks
        _ = try? await tasks.database.transaction { try tasks.delete(task, in: $0) }
    }
}

extension StageParts {
    /// Makes a task visible and puts all its pictures into the queue.
    fileprivate func accept(
        _ task: NewTask,
        of client: String,
        in transaction: any Transaction,
    ) throws {
        try tasks.accept(task, in: transaction)
        let turns = FairTurns()
        let first = try turns.next(of: client, in: transaction)
        let rows = try transaction.query(
            "SELECT id FROM translation_image WHERE task_id = \(task.id) ORDER BY position"
        )
        for (place, row) in rows.enumerated() {
            let image: ID<TranslationImage> = try row.get("id")
            try turns.give(first + place, to: image, of: client, in: transaction)
            try enqueue(ReadPicture(image: image), of: image, in: transaction)
        }
    }
}

extension TranslationSettings {
    /// The MIME types of files that are pictures here.
    var pictureTypes: [String] { (ImageFormat.accepted + ImageFormat.convertible).map(\.mimeType) }

    /// Pictures go with their task; nobody looks at them elsewhere.
    var storePolicy: StorePolicy {
        StorePolicy(
            bucket: "groups/translations/",
            owner: "translation",
            sizes: .none,
            keepsOriginal: true,
            types: pictureTypes,
            limits: storedLimits,
        )
    }
}

/// The name that a client gave its request, so that it may send it twice.
struct IdempotencyName: Sendable {
    private let owner: String
    private let key: String
    private let hash: String

    /// `hashes`: The pictures' bytes, which belong to what makes two requests the same.
    init(owner: String, key: String, _ request: TaskRequest, _ hashes: [String]) {
        self.owner = owner
        self.key = key
        hash = TranslationMemory.key(
            [
                request.target.code, request.source?.code ?? "", request.provider ?? "", request.webhookURL ?? "",
                request.options.json.text, request.patience.map { "\($0)" } ?? "",
            ] + hashes
        )
    }

    /// - Throws: ``KeyIsTaken`` when a request had that name before.
    func take(for task: ID<TranslationTask>, in transaction: any Transaction) throws {
        let taken = try transaction.execute(
            """
            INSERT INTO translation_idempotency (owner, idempotency_key, request_hash, task_id)
            VALUES (\(owner), \(key), \(hash), \(task)) ON CONFLICT (owner, idempotency_key) DO NOTHING
            """
        )
        guard taken == 0 else { return }
        let row = try transaction.first(
            """
            SELECT request_hash, task_id FROM translation_idempotency
            WHERE owner = \(owner) AND idempotency_key = \(key)
            """
        )
        guard let row else { return }
        throw KeyIsTaken(task: try row.get("task_id"), isSameRequest: try row.get("request_hash") == hash)
    }
}

/// A request of that name was accepted before.
private struct KeyIsTaken: Error {
    let task: ID<TranslationTask>
    let isSameRequest: Bool
}
