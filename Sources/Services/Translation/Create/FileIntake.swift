import Database
import Images
import Imaging
import Kernel

/// A picture's file as it is taken in.
struct IncomingFile: Sendable {
    /// Names what is on a picture that is to be made of `sent`.
    var hash = ""
    /// What is stored as a picture, and is named then; `nil` where that is to be made of `sent`.
    var bytes: [UInt8]?
    var sent: SentFile?
    /// Of `sent`, where it says so.
    var header: ImageHeader?
}

/// Takes in the files of a task. A picture of a kind that everything later takes is only read; of all others the file is
/// kept as it was sent, and nothing is decoded.
struct FileIntake: Sendable {
    let images: ImagesModule
    let objects: TranslationObjects
    let parts: StageParts
    /// Looks into files.
    let pool: WorkPool
    let settings: TranslationSettings
    /// Bytes of files that are in memory at once, for all requests: uploads wait on the disk until there is room; one that is
    /// larger than all of it is alone.
    let room: AsyncSemaphore

    /// The documents of a request that are kept already.
    typealias Documents = [ID<TaskRequest.Document>: Kept]

    /// A file that was kept.
    struct Kept: Sendable {
        let key: String
        let hash: String
    }

    /// What taking in a picture reads: a document is read for its first page only.
    func bytesToRead(for picture: TaskRequest.Picture, _ documents: Documents) -> Int {
        guard let document = picture.page?.document else { return picture.size }
        return documents[document.id] == nil ? document.size : 0
    }

    /// - Throws: ``TranslationError/badFile(name:reason:status:)`` for one that no picture can be made of.
    func file(
        of picture: TaskRequest.Picture,
        _ position: Int,
        of task: NewTask,
        _ documents: inout Documents,
    ) async throws -> IncomingFile {
        guard let page = picture.page else { return try await file(picture, position, task) }
        let id = page.document.id
        if documents[id] == nil {
            documents[id] = try await keep(try await page.document.read(), as: id, position, task)
        }
        guard let document = documents[id] else { preconditionFailure("the document was kept just now") }
        return IncomingFile(
            hash: "\(document.hash) page \(page.number)",
            sent: SentFile(key: document.key, page: page.number),
        )
    }

    private func file(_ picture: TaskRequest.Picture, _ position: Int, _ task: NewTask) async throws -> IncomingFile {
        let bytes = try await picture.read()
        guard let format = ImageFormat(firstBytes: bytes), ImageFormat.convertible.contains(format) else {
            return IncomingFile(bytes: bytes)
        }
        let limits = settings.storedLimits
        let header = try await badFile(called: picture.name) {
            try await pool.run { try PictureConversion.inspect(bytes, limits: limits) }
        }
        let kept = try await keep(bytes, as: ID<SentFile>(), position, task)
        return IncomingFile(hash: kept.hash, sent: SentFile(key: kept.key, page: nil), header: header)
    }

    /// The task's row is there before its first file, so that the sweeper finds what is left when this process ends.
    private func keep<Entity>(
        _ file: [UInt8],
        as id: ID<Entity>,
        _ position: Int,
        _ task: NewTask,
    ) async throws -> Kept {
        try await images.requireRoom()
        let tasks = parts.tasks
        if position == 0 { try await tasks.database.transaction { try tasks.insert(task, in: $0) } }
        let key = try await objects.put(sent: file, as: id, of: task.id)
        return Kept(key: key, hash: try await pool.run { Digest.sha256(file).hexadecimal })
    }
}

/// Says of what is wrong with a file which one it is.
func badFile<Value>(called name: String, _ work: () async throws -> Value) async throws -> Value {
    do { return try await work() } catch let error as any Failure where [413, 415, 422].contains(error.status) {
        throw TranslationError.badFile(name: name, reason: error.message, status: error.status == 413 ? 413 : 400)
    }
}
