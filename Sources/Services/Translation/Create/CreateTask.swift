import Database
import Images
import Imaging
import Jobs
import Kernel
import Synchronization

/// Takes in a task: stores its pictures, and promises their translation in the transaction that makes it visible.
///
/// What is a picture of a kind that everything later takes is stored as such. Documents and other formats are only looked
/// at: their pictures are made by jobs, so that the answer does not wait for a decoder.
struct CreateTask: Sendable {
    let desk: TranslationDesk
    let intake: FileIntake
    /// `nil` when nothing that reads is installed.
    let letterer: PictureLetterer?
    let remove: RemoveTask

    private var images: ImagesModule { intake.images }
    var parts: StageParts { intake.parts }
    private var settings: TranslationSettings { intake.settings }

    /// What came of it.
    struct Created: Sendable {
        let id: ID<TranslationTask>
        let images: Int
        let skipped: [SkippedFile]
        /// What was put into the queue; `nil` when that was another request's.
        var queued: [OpenPicture]?
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
        try letterer?.requireReading(of: request.source)
        let task = newTask(request, owner)
        if try await !isKnown(key, of: owner) {
            try await parts.usage.check(task.images, of: client, at: task.createdAt)
            try await parts.storage.check(task.bytes, of: client)
        }
        var documents = FileIntake.Documents()
        var hashes: [String] = []
        var queued: [OpenPicture] = []
        do {
            for (position, picture) in request.pictures.enumerated() {
                let isLast = position == request.pictures.count - 1
                try await intake.room.hold(intake.bytesToRead(for: picture, documents)) {
                    let file = try await intake.file(of: picture, position, of: task, &documents)
                    let place = isLast ? Place.last(client: client) : .one
                    let taken = try await take(file, picture.name, position, of: task, place) { [hashes] hash in
                        key.map { IdempotencyName(owner: owner, key: $0, request, hashes + [hash]) }
                    }
                    hashes.append(taken.hash)
                    queued = taken.queued
                }
            }
        } catch let error as KeyIsTaken {
            await undo(task)
            guard error.isSameRequest else { throw TranslationError.idempotencyKeyReused }
            let images = request.pictures.count
            return Created(id: error.task, images: images, skipped: request.skipped, isReplay: true)
        } catch {
            await undo(task)
            throw error
        }
        return Created(id: task.id, images: task.images, skipped: request.skipped, queued: queued)
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

    /// Whether a request has this name already: its repetition takes nothing of the client's share.
    private func isKnown(_ key: String?, of owner: String) async throws -> Bool {
        guard let key else { return false }
        return try await parts.tasks.database.lookup(
            "SELECT task_id FROM translation_idempotency WHERE owner = \(owner) AND idempotency_key = \(key)"
        ) != nil
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
            bytes: request.bytes,
            skipped: request.skipped.prefix(Self.mostSkipped).map {
                SkippedFile(name: shortened($0.name), reason: $0.reason)
            },
            createdAt: now,
            expiresAt: now + min(request.retention ?? settings.retention, settings.retention),
            deadline: request.patience.map { now + $0 },
        )
    }

    /// Nobody reads a longer list, and every result carries it.
    private static let mostSkipped = 100

    fileprivate enum Place {
        case one
        case last(client: String)
    }

    /// A picture that was taken in.
    private struct Taken: Sendable {
        /// Names what is on it.
        let hash: String
        /// The work of the whole task, with its last picture.
        let queued: [OpenPicture]
    }

    /// The last picture makes the task visible and enqueues all work. `idempotencyName` tells what the request is
    /// called, with the picture's hash.
    private func take(
        _ file: IncomingFile,
        _ name: String,
        _ position: Int,
        of task: NewTask,
        _ place: Place,
        called idempotencyName: @escaping @Sendable (String) -> IdempotencyName?,
    ) async throws -> Taken {
        let parts = parts
        guard let bytes = file.bytes else {
            let image = newImage(ID(), file, file.hash, file.header, name, position, of: task)
            let queued = try await parts.tasks.database.transaction { transaction in
                try parts.insert(image, place, of: task, called: idempotencyName, in: transaction)
            }
            return Taken(hash: file.hash, queued: queued)
        }
        let queued = Mutex<[OpenPicture]>([])
        let picture = try await badFile(called: name) {
            try await images.store(bytes, settings.storePolicy) { picture, transaction in
                if position == 0 { try parts.tasks.insert(task, in: transaction) }
                let hash = picture.contentHash
                let image = newImage(ID(same: picture.id), file, hash, picture.header, name, position, of: task)
                let pictures = try parts.insert(image, place, of: task, called: idempotencyName, in: transaction)
                queued.withLock { $0 = pictures }
            }
        }
        return Taken(hash: picture.contentHash, queued: queued.withLock(\.self))
    }

    private func newImage(
        _ id: ID<TranslationImage>,
        _ file: IncomingFile,
        _ hash: String,
        _ header: ImageHeader?,
        _ name: String,
        _ position: Int,
        of task: NewTask,
    ) -> NewTranslationImage {
        NewTranslationImage(
            id: id,
            task: task.id,
            position: position,
            contentHash: hash,
            sent: file.sent,
            fileName: shortened(name),
            width: header?.size.width ?? 0,
            height: header?.size.height ?? 0,
            flags: (header?.frames ?? 1) > 1 ? [PictureLetterer.firstOnly] : [],
        )
    }

    /// Whoever sent it may have left, which cancels this task and not the removal. What fails is left to the sweeper.
    private func undo(_ task: NewTask) async { _ = await Task { [remove] in try await remove(task.id) }.result }
}

extension StageParts {
    /// Writes a picture, and with the last one accepts the task, whose work it gives back.
    fileprivate func insert(
        _ image: NewTranslationImage,
        _ place: CreateTask.Place,
        of task: NewTask,
        called name: (String) -> IdempotencyName?,
        in transaction: any Transaction,
    ) throws -> [OpenPicture] {
        try images.insert(image, in: transaction)
        guard case .last(let client) = place else { return [] }
        try name(image.contentHash)?.take(for: task.id, in: transaction)
        return try accept(task, of: client, in: transaction)
    }

    /// Makes a task visible and puts all its pictures into the queue.
    private func accept(
        _ task: NewTask,
        of client: String,
        in transaction: any Transaction,
    ) throws -> [OpenPicture] {
        try tasks.accept(task, in: transaction)
        try usage.take(task.images, of: client, at: task.createdAt, in: transaction)
        try storage.take(task.bytes, for: task.id, of: client, in: transaction)
        let turns = FairTurns()
        let first = try turns.next(of: client, in: transaction)
        let rows = try transaction.query(
            "SELECT id FROM translation_image WHERE task_id = \(task.id) ORDER BY position"
        )
        return try rows.enumerated().map { place, row in
            let image: ID<TranslationImage> = try row.get("id")
            try turns.give(first + place, to: image, of: client, in: transaction)
            let job = try enqueue(ReadPicture(image: image), of: image, in: transaction)
            return OpenPicture(job: job, turn: first + place, state: .queued)
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

/// As much of a file's name as is kept. By scalars, since one character may be made of any number of them.
private func shortened(_ name: String) -> String {
    String(String.UnicodeScalarView(name.unicodeScalars.prefix(255)))
}
