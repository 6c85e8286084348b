import HTTPServer
import Kernel
import MemeSearch

/// Searching.
struct QueryRoutes: Sendable {
    let envelope: Envelope
    let likeness: Likeness
    let presenter: MemePresenter
    let search: @Sendable (MemeQuery) async throws -> MemeFindings
    let suggest: @Sendable (String, Int) async throws -> [String]

    /// `GET /query?content=&n=`: the original's answer; parameters of our own add to it.
    func query(_ request: Request) async throws -> Response {
        let asked = try QueryParameters(request, text: "content", cutsOff: false)
        let found = try await search(asked.query)
        return envelope.answer(
            try await data(found, asked.format, request),
            more: asked.explains ? try await explanation(found, request) : [:],
        )
    }

    /// `GET /search?q=&n=`: the same for clients of other libraries; what fits badly is left out.
    func legacySearch(_ request: Request) async throws -> Response {
        let asked = try QueryParameters(request, text: "q", cutsOff: true)
        let found = try await search(asked.query)
        return envelope.answer(
            try await data(found, asked.format, request),
            more: asked.explains ? try await explanation(found, request) : [:],
        )
    }

    /// `POST /search`: words, pictures and weighted terms; with scores and reasons.
    func search(_ request: Request) async throws -> Response {
        let startedAt = ContinuousClock.now
        var asked = try SearchBody(try await request.json())
        for (picture, weight) in asked.pictures {
            asked.query.terms.append(try await likeness.term(for: picture, weight: weight))
        }
        let found = try await search(asked.query)
        let addresses = JSON(found.hits.map { presenter.fileAddress(of: $0.id, for: request) })
        return envelope.answer(
            addresses,
            more: (["results": addresses] as JSON).merging(try await explanation(found, request)).merging([
                "took_ms": JSON((ContinuousClock.now - startedAt).seconds * 1000)
            ]),
        )
    }

    /// `GET /similar/{meme_id}?n=`: memes whose pictures and words are near to this one's.
    func similar(_ request: Request) async throws -> Response {
        guard let id = ID<Meme>(try request.path("meme_id", as: String.self)) else { throw MemesError.memeNotFound }
        let count = try QueryParameters.count(try request.query("n", as: Int.self) ?? 10, name: "n")
        var query = MemeQuery("", count: count, cutsOff: false)
        query.terms = [try await likeness.term(for: .meme(id), weight: 1)]
        query.excluded = [id.description]
        query.collapse = .exact
        let found = try await search(query)
        return envelope.answer(JSON(try await presenter.hits(found.hits, for: request)))
    }

    /// `GET /suggest?q=`: words of the library that begin with what was typed.
    func suggest(_ request: Request) async throws -> Response {
        let typed = try QueryParameters.content(request.query["q"] ?? "", name: "q")
        let count = try QueryParameters.count(try request.query("n", as: Int.self) ?? 10, name: "n")
        return envelope.answer(JSON(try await suggest(typed, count)))
    }

    private func data(
        _ found: MemeFindings,
        _ format: QueryParameters.Format,
        _ request: Request,
    ) async throws
        -> JSON
    {
        switch format {
        case .url: JSON(found.hits.map { presenter.fileAddress(of: $0.id, for: request) })
        case .id: JSON(found.hits.map(\.id))
        case .meta: JSON(try await presenter.hits(found.hits, for: request))
        }
    }

    private func explanation(_ found: MemeFindings, _ request: Request) async throws -> JSON {
        [
            "hits": JSON(try await presenter.hits(found.hits, for: request)), "intent": JSON(found.intent),
            "degraded": JSON(found.degraded),
        ]
    }
}

extension Request {
    /// The body as JSON.
    ///
    /// - Throws: 422 when it is none.
    func json() async throws -> JSON {
        let bytes = try await body.collect(upTo: .max)
        do { return try JSON(parsing: bytes) } catch {
            throw MemesError.badField(name: "body", reason: "Send a JSON object.")
        }
    }
}
