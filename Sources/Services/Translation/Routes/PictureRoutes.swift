import Archives
import HTTPServer
import Images
import Kernel
import ObjectStore

/// The files of a task's pictures, and changing their words.
struct PictureRoutes: Sendable {
    let edit: EditBlocks
    let images: ImagesModule
    let objects: TranslationObjects
    /// Packs.
    let pool: WorkPool
    let tasks: TaskStore
    let trail: TaskTrail
    let wire: TranslationWire

    /// `GET …/images/{index}/{kind}`: `image`, `clean`, `mask` or `original`. Addresses in results are signed and need no
    /// header; others are for whoever may see the task.
    func file(_ request: Request) async throws -> Response {
        let image = try await readable(request)
        let name = try request.path("kind", as: String.self)
        if name == "original" {
            guard image.sent == nil else { throw TranslationError.imageNotReady }
            return try await images.serveOriginal(of: ID(same: image.id), named: lastPart(image.fileName), to: request)
        }
        guard let kind = TranslationObjects.Kind(rawValue: name) else { throw TranslationError.imageNotFound }
        guard image.state == .completed else { throw TranslationError.imageNotReady }
        let key = TranslationObjects.key(kind, of: image.id, revision: image.revision)
        let filename = "\(stem(lastPart(image.fileName)))-\(kind.rawValue).png"
        var response = try await content(key, "\"\(image.revision)-\(kind.rawValue)-\(image.id)\"", filename, request)
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response
    }

    private func content(
        _ key: ObjectKey,
        _ etag: String,
        _ filename: String,
        _ request: Request,
    ) async throws -> Response {
        if let path = objects.objects.localPath(key) {
            return try Response.file(
                path: path,
                request: request,
                contentType: "image/png",
                cacheControl: "private, no-cache",
                etag: etag,
                filename: filename,
            )
        }
        return Response.content(
            try await objects.objects.get(key),
            request: request,
            contentType: "image/png",
            cacheControl: "private, no-cache",
            etag: etag,
            filename: filename,
        )
    }

    /// `GET …/images/{index}`: what is known of one picture.
    func show(_ request: Request) async throws -> Response {
        .json(wire.picture(try await picture(request, tasks.requested(by: request)), wire.base(request)))
    }

    /// `PATCH …/images/{index}/blocks` with `{"blocks": [{"id", "translation", "skipped"}]}`: the picture is drawn anew,
    /// and nobody is asked to translate. A translation of `null` takes a person's word back.
    func change(_ request: Request) async throws -> Response {
        let state = try await tasks.requested(by: request)
        let image = try picture(request, state)
        let changes = try EditBlocks.changes(try? JSON(parsing: try await request.body.collect(upTo: .max)))
        let changed = try await edit(image, of: state.task, changes)
        trail.note("translation task edited", state.task.id, by: try request.translator(), pictures: 1)
        return .json(wire.picture(changed, wire.base(request)))
    }

    /// `GET …/archive`: every translated picture of a finished task, as ZIP.
    func archive(_ request: Request) async throws -> Response {
        let state = try await visible(request)
        guard state.status == .completed else { throw TranslationError.imageNotReady }
        let (objects, pool) = (objects.objects, pool)
        let language = Language(state.task.target)?.originalCode ?? state.task.target
        let files = state.images.filter { $0.state == .completed }.map { image in
            let key = TranslationObjects.key(.image, of: image.id, revision: image.revision)
            let name = "\(image.position + 1)-\(stem(image.fileName).replacing("/", with: "_")).\(language).png"
            return (name: name, key: key, modified: (image.completedAt ?? state.task.createdAt).milliseconds / 1000)
        }
        // Pictures are compressed already, so nothing is packed again.
        var response = Response.stream(contentType: "application/zip") { writer in
            let archive = ZIPWriter()
            for file in files {
                let bytes = try await objects.get(file.key)
                try await writer.write(
                    try await pool.run { archive.add(file.name, bytes, deflates: false, modified: file.modified) }
                )
            }
            try await writer.write(try await pool.run { archive.finish() })
        }
        response.headers["Content-Disposition"] = "attachment; filename=\"translated-\(language).zip\""
        response.headers["Cache-Control"] = "private, no-store"
        return response
    }

    private func readable(_ request: Request) async throws -> TranslationImage {
        try picture(request, try await visible(request))
    }

    /// The task, for whoever may see it and for whoever has a signed address.
    private func visible(_ request: Request) async throws -> TaskState {
        guard try images.verifySignature(of: request) else { return try await tasks.requested(by: request) }
        guard let id = ID<TranslationTask>(try request.path("task_id", as: String.self)),
            let state = try await tasks.find(id)
        else { throw TranslationError.taskNotFound }
        return state
    }

    private func picture(_ request: Request, _ state: TaskState) throws -> TranslationImage {
        let index = try request.path("index", as: Int.self)
        guard let image = state.images.first(where: { $0.position == index }) else {
            throw TranslationError.imageNotFound
        }
        return image
    }

    /// A name without the folders of an archive.
    private func lastPart(_ name: String) -> String { name.split(separator: "/").last.map(String.init) ?? name }

    private func stem(_ name: String) -> String {
        let base = name.split(separator: ".", omittingEmptySubsequences: false)
        return base.count > 1 ? base.dropLast().joined(separator: ".") : name
    }
}
