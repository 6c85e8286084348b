import Database
import Kernel
import MemeSearch

/// Which memes go into a pack: those of a search, or all that pass filters, or simply all.
package struct PackSelection: Sendable, Equatable {
    /// As in the search field: words, phrases, filters such as `lib:cats`; empty for all memes.
    package var query: String
    /// Conditions besides.
    package var conditions: [MemeQuery.Condition]

    package init(query: String = "", conditions: [MemeQuery.Condition] = []) {
        self.query = query
        self.conditions = conditions
    }
}

extension MemesModule {
    /// How many hits of a search are packed, the best ones.
    private static let mostHits = 1000

    /// The selected memes: of a search the best first, else in the order in which they came in.
    ///
    /// - Throws: ``PackError/nothing``, ``PackError/tooManyMemes(limit:)``.
    func ids(of selection: PackSelection) async throws -> [ID<Meme>] {
        var query = SearchQuery(selection.query)
        for condition in selection.conditions { query.filter.require(condition.key, condition.values) }
        let limit = parts.settings.pack.maxMemes
        var ids: [ID<Meme>]
        if !query.text.isEmpty {
            ids = try await hits(of: selection)
        } else if let allowed = index.lexical.matching(query.filter) {
            ids = allowed.prefix(limit + 1).compactMap { index.entry($0)?.id }
        } else {
            ids = try await memes.all(limit: limit + 1)
        }
        guard ids.count <= limit else { throw PackError.tooManyMemes(limit: limit) }
        guard !ids.isEmpty else { throw PackError.nothing }
        return ids
    }

    private func hits(of selection: PackSelection) async throws -> [ID<Meme>] {
        var query = MemeQuery(selection.query, count: 100, cutsOff: true)
        query.conditions = selection.conditions
        query.collapse = .off
        var ids: [ID<Meme>] = []
        while query.offset < Self.mostHits {
            let hits = try await search(query).hits
            ids += hits.compactMap { ID($0.id) }
            if hits.count < query.count { break }
            query.offset += query.count
        }
        return ids
    }
}

extension MemeStore {
    /// The first memes, in the order in which they came in.
    fileprivate func all(limit: Int) async throws -> [ID<Meme>] {
        try await database.query("SELECT id FROM meme ORDER BY number LIMIT \(limit)").map { try $0.get("id") }
    }
}
