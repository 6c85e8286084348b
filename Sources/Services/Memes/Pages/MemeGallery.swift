import Images
import Kernel

/// Collects what pages show of memes, in few questions for many of them.
struct MemeGallery: Sendable {
    let service: MemesModule

    /// Cards in the order of `memes`.
    func cards(_ memes: [Meme]) async throws -> [MemeCard] {
        let words = try await service.texts.texts(of: memes.map(\.id))
        let looks = try await service.parts.images.looks(of: memes.map { ID(same: $0.id) })
        return memes.map { meme in
            MemeCard(
                meme: meme,
                texts: words[meme.id] ?? MemeTexts([]),
                look: looks[ID(same: meme.id)],
                file: service.parts.images.signed("/meme/\(meme.id.description)/file"),
            )
        }
    }

    /// Cards in the order of `hits`, with the words marked that answer the search; those deleted meanwhile are left out.
    func cards(_ hits: [MemeFindings.Hit]) async throws -> [MemeCard] {
        let ids = hits.compactMap { ID<Meme>($0.id) }
        let cards = try await cards(try await service.memes.find(all: ids))
        let byID = Dictionary(cards.map { ($0.meme.id.description, $0) }, uniquingKeysWith: { first, _ in first })
        let found = hits.filter { !$0.words.isEmpty }.compactMap { byID[$0.id]?.meme.contentHash }
        let readings = try await service.stages.readings(of: found)
        return hits.compactMap { hit in
            guard var card = byID[hit.id] else { return nil }
            card.hit = hit
            card.marks = readings[card.meme.contentHash].map { WordMarks($0, answering: hit.words) }
            return card
        }
    }
}
