import Kernel
import MemeSearch
import OCR

/// One meme with everything that its page shows.
struct MemeView: Sendable {
    let card: MemeCard
    /// Everything that was ever said of it, by everyone.
    let texts: [MemeText]
    /// Where it came from.
    let sources: [String]
    let libraries: [String]
    let stages: [StageResult]
    let similar: [MemeCard]
    /// The older meme of which this one is a copy, as far as pictures and words tell.
    let original: MemeCard?
    /// Memes with almost the same picture.
    let family: [MemeCard]
    let newer: ID<Meme>?
    let older: ID<Meme>?
    let mayChange: Bool

    var meme: Meme { card.meme }
}

extension MemeGallery {
    /// Most memes of a row of similar ones.
    private static let row = 12

    func view(_ meme: Meme, mayChange: Bool) async throws -> MemeView {
        guard var card = try await cards([meme]).first else { throw MemesError.memeNotFound }
        card.marks = try await service.stages.readings(of: [meme.contentHash])[meme.contentHash].map(
            WordMarks.init(all:)
        )
        let relatives = try await service.lookup.family(of: meme, limit: Self.row)
        let original = try await cards(
            try await service.memes.find(all: service.lookup.original(of: meme).map { [$0] } ?? [])
        )
        return MemeView(
            card: card,
            texts: try await service.texts.all(of: meme.id),
            sources: try await service.aliases.sources(of: meme.id),
            libraries: try await service.libraries.names(of: [meme.id])[meme.id] ?? [],
            stages: try await service.stages.all(hash: meme.contentHash),
            similar: try await similar(to: meme, without: Set(relatives)),
            original: original.first,
            family: try await cards(try await service.memes.find(all: relatives)),
            newer: try await service.memes.neighbour(of: meme, isNewer: true),
            older: try await service.memes.neighbour(of: meme, isNewer: false),
            mayChange: mayChange,
        )
    }

    /// Near to the meme by picture and words; its family has a row of its own.
    private func similar(to meme: Meme, without family: Set<ID<Meme>>) async throws -> [MemeCard] {
        var query = MemeQuery("", count: Self.row, cutsOff: true)
        query.terms = [try await service.likeness.term(for: .meme(meme.id), weight: 1)]
        query.excluded = [meme.id.description] + family.map(\.description)
        let ids = try await service.search(query).hits.compactMap { ID<Meme>($0.id) }
        let memes = Dictionary(uniqueKeysWithValues: try await service.memes.find(all: ids).map { ($0.id, $0) })
        return try await cards(ids.compactMap { memes[$0] })
    }
}
