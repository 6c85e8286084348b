import Accounts
import Archives
import HTTPServer
import Images
import Kernel
import Synchronization

/// Packs over HTTP.
struct PackRoutes: Sendable {
    let envelope: Envelope
    let service: MemesModule

    /// `GET /pack?q=&lib=&tag=…`: the selected memes as a ZIP archive. For whoever is signed in, or has an address of
    /// ``address(_:)``.
    func export(_ request: Request) async throws -> Response {
        let isSigned = try service.parts.images.verifySignature(of: request)
        guard isSigned || request.principal != nil else { throw MemesError.notSignedIn }
        let ids = try await service.ids(of: try selection(request))
        let name = request.query["lib"].map { String($0.prefix(100)) } ?? "memes"
        var response = Response.stream(contentType: "application/zip") { [service] writer in
            _ = try await service.pack(ids) { try await writer.write($0) }
        }
        response.headers["Content-Disposition"] = contentDisposition(.attachment, "\(name).zip")
        response.headers["Cache-Control"] = "no-store"
        return response
    }

    /// `GET /pack/address?q=&lib=…`: an address of ``export(_:)`` that needs no header, for half an hour at least. It
    /// lets its holder pack other memes, too.
    func address(_ request: Request) async throws -> Response {
        guard request.principal != nil else { throw MemesError.notSignedIn }
        _ = try await service.ids(of: try selection(request))
        let signed = service.parts.images.signed("/pack")
        let query = request.query.text
        return envelope.answer(["url": JSON(query.isEmpty ? signed : "\(signed)&\(query)")])
    }

    /// `POST /pack`, a form with the archive as `file` and, where all shall stand in one, the name of a `library`. Answers
    /// when all is stored; to whom accepts `application/x-ndjson` also while it goes on.
    func take(_ request: Request) async throws -> Response {
        try request.requireWriter()
        let limit = service.parts.settings.pack.maxFileBytes
        let form: MultipartForm
        do { form = try await service.parts.images.form(request, maxFileBytes: limit, isOnDisk: true) } catch let error
            as HTTPError where error.status == 413
        {
            throw PackError.tooLarge(limitBytes: limit)
        }
        guard let file = form.file("file") else {
            throw MemesError.badField(name: "file", reason: "Send the pack as form field 'file'.")
        }
        let library = try libraryName(form.field("library"))
        guard case .file(let path) = file.storage else { throw ArchiveError.notAnArchive }
        let source = try await service.openPack(path)
        // The file goes with the form.
        guard request.accepts("application/x-ndjson") else {
            defer { withExtendedLifetime(file) {} }
            return envelope.answer(try await service.takePack(source, into: library) { _, _ in }.json)
        }
        return lines { [service] progress in
            defer { withExtendedLifetime(file) {} }
            return try await service.takePack(source, into: library, progress: progress)
        }
    }

    /// `{"done", "total"}` at most twice a second, then `{"result"}` or `{"error"}`, each on a line of its own.
    private func lines(
        _ work: @escaping @Sendable (MemesModule.PackProgress) async throws -> MemesModule.PackReport
    ) -> Response {
        let time = service.parts.time
        var response = Response(headers: ["Content-Type": "application/x-ndjson", "Cache-Control": "no-store"])
        // nginx would collect the lines otherwise.
        response.headers["X-Accel-Buffering"] = "no"
        response.body = .stream(heartbeat: Array("\n".utf8)) { writer in
            let last = Mutex(Timestamp(milliseconds: 0))
            do {
                let report = try await work { done, total in
                    let isDue = last.withLock { last in
                        guard time.now - last >= .milliseconds(500) else { return false }
                        last = time.now
                        return true
                    }
                    guard isDue else { return }
                    try await writer.write((["done": JSON(done), "total": JSON(total)] as JSON).text + "\n")
                }
                try await writer.write((["result": report.json] as JSON).text + "\n")
            } catch let error as any Failure {
                let problem: JSON = ["code": JSON(error.code), "message": JSON(error.message)]
                try await writer.write((["error": problem] as JSON).text + "\n")
            }
        }
        return response
    }

    /// - Throws: 422 that names the parameter.
    private func selection(_ request: Request) throws -> PackSelection {
        var selection = PackSelection()
        if let typed = request.query["q"], !typed.isEmpty {
            selection.query = try QueryParameters.content(typed, name: "q")
        }
        for (name, key) in QueryParameters.filters {
            for value in request.query.all(name) {
                selection.conditions.append(try QueryParameters.condition(name, key, value))
            }
        }
        return selection
    }

    private func libraryName(_ name: String?) throws -> String? {
        guard let name, !name.isEmpty else { return nil }
        guard PackManifest.Library.names.contains(name.unicodeScalars.count) else {
            throw MemesError.badField(name: "library", reason: "Use at most 120 characters.")
        }
        return name
    }
}
