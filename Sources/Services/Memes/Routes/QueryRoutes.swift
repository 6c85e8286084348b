import HTTPServer
import Kernel

/// Searching.
struct QueryRoutes: Sendable {
    let envelope: Envelope
    let presenter: MemePresenter
    let search: @Sendable (MemeQuery) async throws -> MemeFindings

    /// `GET /query?content=&n=`: the original's answer; parameters of our own add to it.
    func query(_ request: Request) async throws -> Response {
        let asked = try QueryParameters(request, text: "content", cutsOff: false)
        let found = try await search(asked.query)
        var more: JSON = [:]
        if asked.explains {
            more["hits"] = JSON(try await presenter.hits(found.hits, for: request))
            more["intent"] = JSON(found.intent)
            more["degraded"] = JSON(found.degraded)
        }
        return envelope.answer(try await data(found, asked.format, request), more: more)
    }

    private func data(_ found: MemeFindings, _ format: QueryParameters.Format, _ request: Request) async throws -> JSON {
        switch format {
        case .url: JSON(found.hits.map { presenter.fileAddress(of: $0.id, for: request) })
        case .id: JSON(found.hits.map(\.id))
        case .meta: JSON(try await presenter.hits(found.hits, for: request))
        }
    }
}
