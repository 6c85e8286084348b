import Accounts
import HTTPServer
import Images
import Kernel

/// One meme: looking at it and changing it.
struct MemeRoutes: Sendable {
    let edit: EditMeme
    let envelope: Envelope
    let feedback: FeedbackStore
    let presenter: MemePresenter
    let service: MemesModule

    /// `GET /meme/{meme_id}/file`: the original bytes, so that a GIF stays animated. Anyone may fetch what a search
    /// found: its address is signed. Without a signature only who is signed in.
    func file(_ request: Request) async throws -> Response {
        let isSigned = try service.parts.images.verifySignature(of: request)
        guard isSigned || request.principal != nil else { throw MemesError.notSignedIn }
        let meme = try await requested(request)
        return try await service.parts.images.serveOriginal(of: ID(same: meme.id), named: meme.fileName, to: request)
    }

    /// `GET /meme/{meme_id}`: everything that is known, and what became of each stage.
    func show(_ request: Request) async throws -> Response {
        let meme = try await requested(request)
        let stages = try await service.stages.all(hash: meme.contentHash).map { stage -> JSON in
            [
                "stage": JSON(stage.stage.rawValue), "state": JSON(stage.state.rawValue),
                "version": JSON(stage.version), "detail": JSON(stage.detail),
            ]
        }
        let json = try await presenter.meme(meme, for: request)
        return envelope.answer(json.merging(["stages": JSON(stages)]))
    }

    /// `GET /meme/{meme_id}/words`: the words on the picture with their places, for highlighting.
    func words(_ request: Request) async throws -> Response {
        let meme = try await requested(request)
        let stage = try await service.stages.all(hash: meme.contentHash).first { $0.stage == .read }
        return envelope.answer(stage?.result ?? ["width": JSON(meme.width), "height": JSON(meme.height), "words": []])
    }

    /// `GET /meme?status=&cursor=&n=`: the newest first.
    func list(_ request: Request) async throws -> Response {
        let status = try request.query("status", as: Meme.Status.self)
        let count = try QueryParameters.count(try request.query("n", as: Int.self) ?? 50, name: "n")
        let last: Meme? =
            if let cursor = request.query["cursor"] { try await find(cursor) } else { nil }
        let page = try await service.memes.page(status: status, before: last, limit: count)
        let memes = try await presenter.list(page, for: request)
        let next = page.count == count ? page.last?.id.description : nil
        return envelope.answer(JSON(memes), more: ["cursor": JSON(next)])
    }

    /// `PATCH /meme/{meme_id}` with the fields to change; `null` takes a person's word back.
    func change(_ request: Request) async throws -> Response {
        try request.requireWriter()
        let meme = try await requested(request)
        let changes = try EditMeme.changes(try await request.json())
        return envelope.answer(try await presenter.meme(try await edit(meme.id, changes), for: request))
    }

    /// `DELETE /meme/{meme_id}`
    func delete(_ request: Request) async throws -> Response {
        let principal = try request.requireWriter()
        let meme = try await requested(request)
        try await service.delete(meme.id, actor: principal.subject)
        return envelope.answer(["id": JSON(meme.id), "deleted": true])
    }

    /// `POST /feedback` with `{"query", "id", "kind": "like" | "dislike" | "sent"}`
    func rate(_ request: Request) async throws -> Response {
        guard request.principal != nil else { throw MemesError.notSignedIn }
        let body = try await request.json()
        guard let kind = body["kind"]?.string.flatMap(FeedbackStore.Kind.init(rawValue:)) else {
            throw MemesError.badField(name: "kind", reason: "Use like, dislike or sent.")
        }
        guard let text = body["id"]?.string else { throw MemesError.badField(name: "id", reason: "Name a meme.") }
        let query = String((body["query"]?.string ?? "").unicodeScalars.prefix(500).map(Character.init))
        try await feedback.add(kind, to: try await find(text).id, query: query, at: service.parts.time.now)
        return envelope.answer([])
    }

    private func requested(_ request: Request) async throws -> Meme {
        try await find(try request.path("meme_id", as: String.self))
    }

    private func find(_ text: String) async throws -> Meme {
        guard let id = ID<Meme>(text), let meme = try await service.memes.find(id) else {
            throw MemesError.memeNotFound
        }
        return meme
    }
}

extension Request {
    /// Who may change memes: administrators, and whoever has the permission `memes:write`.
    ///
    /// - Throws: 401 or 403.
    @discardableResult
    func requireWriter() throws(MemesError) -> Principal {
        guard let principal else { throw .notSignedIn }
        let mayWrite = principal.isAdmin || principal.may("image:admin") || principal.may("memes:write")
        guard mayWrite else { throw .notAllowed(scope: "memes:write") }
        return principal
    }
}
