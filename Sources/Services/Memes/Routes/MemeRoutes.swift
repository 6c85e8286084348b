import Accounts
import HTTPServer
import Images
import Kernel

/// One meme.
struct MemeRoutes: Sendable {
    let envelope: Envelope
    let images: ImagesModule
    let memes: MemeStore
    let presenter: MemePresenter

    /// `GET /meme/{meme_id}/file`: the original bytes, so that a GIF stays animated. Anyone may fetch what a search
    /// found: its address is signed. Without a signature only who is signed in.
    func file(_ request: Request) async throws -> Response {
        let isSigned = try images.verifySignature(of: request)
        guard isSigned || request.principal != nil else { throw MemesError.notSignedIn }
        let meme = try await requested(request)
        return try await images.serveOriginal(of: ID(same: meme.id), named: meme.fileName, to: request)
    }

    /// `GET /meme/{meme_id}`: everything that is known.
    func show(_ request: Request) async throws -> Response {
        let meme = try await requested(request)
        return envelope.answer(try await presenter.meme(meme, for: request))
    }

    private func requested(_ request: Request) async throws -> Meme {
        guard let id = ID<Meme>(try request.path("meme_id", as: String.self)), let meme = try await memes.find(id) else {
            throw MemesError.memeNotFound
        }
        return meme
    }
}
