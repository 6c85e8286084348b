import HTTPServer
import Images
import Kernel

/// Taking in a meme over HTTP.
struct AddRoutes: Sendable {
    let envelope: Envelope
    let service: MemesModule

    /// `POST /meme`, a form with the picture as `file` and, where it shall stand in one, the name of a `library`. It can
    /// be found by its file's name at once, and by its words when it is read. Equal bytes are one meme.
    func add(_ request: Request) async throws -> Response {
        try request.requireWriter()
        let limit = service.parts.settings.maxFileBytes
        let form: MultipartForm
        do { form = try await service.parts.images.form(request, maxFileBytes: limit) } catch let error as HTTPError
            where error.status == 413
        {
            throw MemesError.tooLarge(limitBytes: limit)
        }
        guard let file = form.file("file") else {
            throw MemesError.badField(name: "file", reason: "Send the picture as form field 'file'.")
        }
        let bytes = try file.bytes()
        let added = try await service.add(
            bytes,
            name: file.filename.isEmpty ? "pasted" : file.filename,
            source: ownSource(of: bytes, by: "upload"),
            library: try await library(form.field("library")),
        )
        return envelope.answer(["id": JSON(added.id), "is_new": JSON(added.isNew)], code: added.isNew ? 201 : 200)
    }

    private func library(_ name: String?) async throws -> ID<MemeLibrary>? {
        guard let name, !name.isEmpty else { return nil }
        guard name.unicodeScalars.count <= 100 else {
            throw MemesError.badField(name: "library", reason: "Use at most 100 characters.")
        }
        return try await service.library(named: name).id
    }
}
