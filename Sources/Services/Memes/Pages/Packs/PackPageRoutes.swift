import HTTPServer
import Kernel
import Web

/// The page of packs.
struct PackPageRoutes: Sendable {
    let service: MemesModule

    /// `GET /memes/packs`
    func show(_ request: Request) async throws -> Response {
        let counts = try await service.libraries.counts()
        let place = PackPlace(
            libraries: try await service.libraries.all().map { ($0, counts[$0.id] ?? 0) },
            total: try await service.memes.counts().values.reduce(0, +),
            mayAdd: request.mayWriteMemes,
            settings: service.parts.settings,
        )
        return .page(packPage(place), for: request)
    }
}
