import Accounts
import HTTPServer
import Kernel
import MemeSearch
import OCR
import Synchronization
import Web

/// The pages of memes.
struct MemePageRoutes: Sendable {
    let service: MemesModule
    let gallery: MemeGallery
    private let wordless = WordlessCount()

    init(service: MemesModule) {
        self.service = service
        gallery = MemeGallery(service: service)
    }

    /// `GET /memes`: the newest memes, or what was searched for.
    func search(_ request: Request) async throws -> Response {
        let result = try await result(SearchPlace(request), completing: false)
        let page = searchPage(
            result,
            try await service.lookup.labels(of: SearchPlace.filters, limit: 100),
            mayAdd: request.mayWriteMemes,
            limits: service.parts.settings,
        )
        return .page(page, for: request)
    }

    /// `GET /memes/found`: the part of the page that changes while somebody types; their last word may be unfinished.
    func found(_ request: Request) async throws -> Response {
        var response = Response.html(foundPart(try await result(SearchPlace(request), completing: true)).description)
        response.headers["Cache-Control"] = "no-store"
        return response
    }

    /// `GET /memes/label?before=`: memes without words.
    func label(_ request: Request) async throws -> Response {
        let last: Meme? =
            if let id = request.query["before"].flatMap({ ID<Meme>($0) }) { try await service.memes.find(id) } else {
                nil
            }
        let found = try await service.memes.wordless(before: last, limit: Labelling.page + 1)
        let shown = Array(found.prefix(Labelling.page))
        let labelling = Labelling(
            cards: try await gallery.cards(shown),
            total: try await service.memes.countWordless(),
            next: found.count > shown.count ? shown.last.map { "/memes/label?before=\($0.id.description)" } : nil,
            tags: try await service.lookup.labels(of: ["tag"], limit: 300)["tag"] ?? [],
            mayChange: request.mayWriteMemes,
        )
        return .page(labelPage(labelling), for: request)
    }

    /// `GET /memes/{meme_id}`
    func meme(_ request: Request) async throws -> Response {
        guard let id = ID<Meme>(try request.path("meme_id", as: String.self)),
            let meme = try await service.memes.find(id)
        else { throw MemesError.memeNotFound }
        return .page(memePage(try await gallery.view(meme, mayChange: request.mayWriteMemes)), for: request)
    }

    private func result(_ place: SearchPlace, completing: Bool) async throws -> SearchResult {
        let isRanked = !place.query.text.isEmpty
        let cards = isRanked ? try await hits(place, completing: completing) : try await newest(place)
        let shown = Array(cards.prefix(SearchPlace.page))
        return SearchResult(
            place: place,
            cards: shown,
            next: cards.count > shown.count && !(isRanked && place.isLast) ? next(place, after: shown.last) : nil,
            gaps: try await gaps(place, isEmpty: shown.isEmpty),
        )
    }

    private func hits(_ place: SearchPlace, completing: Bool) async throws -> [MemeCard] {
        try await gallery.cards(try await service.search(place.search(completing: completing)).hits)
    }

    /// What passes the filters, the newest first.
    private func newest(_ place: SearchPlace) async throws -> [MemeCard] {
        let last: Meme? =
            if let id = place.before.flatMap({ ID<Meme>($0) }) { try await service.memes.find(id) } else { nil }
        let limit = SearchPlace.page + 1
        let filter = place.query.filter
        guard !filter.isEmpty else {
            return try await gallery.cards(try await service.memes.page(status: nil, before: last, limit: limit))
        }
        let ids = try await service.lookup.newest(filter, before: last?.number, limit: limit)
        let memes = Dictionary(uniqueKeysWithValues: try await service.memes.find(all: ids).map { ($0.id, $0) })
        return try await gallery.cards(ids.compactMap { memes[$0] })
    }

    private func next(_ place: SearchPlace, after last: MemeCard?) -> String {
        place.url { next in
            if next.query.text.isEmpty {
                next.before = last?.meme.id.description
            } else {
                next.offset += SearchPlace.page
            }
        }
    }

    /// Whoever found nothing is told everything that may be the reason; the others what costs nothing to know.
    private func gaps(_ place: SearchPlace, isEmpty: Bool) async throws -> SearchGaps {
        let counts = try await service.memes.counts()
        var gaps = SearchGaps(total: counts.values.reduce(0, +), unread: counts[.partial] ?? 0)
        guard isEmpty, gaps.total > 0 else { return gaps }
        gaps.wordless = try await wordless.count(at: service.lookup.generation, service.memes.countWordless)
        gaps.lacksMeaning = try await !service.memes.hasVectors()
        gaps.missingLanguage = missingLanguage(for: place.text, among: service.readLanguages)
        return gaps
    }
}

/// How many memes have no words, counted anew when memes have changed: whoever types a word that nothing has asks at each
/// letter.
private final class WordlessCount: Sendable {
    private let last = Mutex<(generation: Int64, count: Int)?>(nil)

    func count(at generation: Int64, _ count: () async throws -> Int) async throws -> Int {
        if let known = last.withLock({ $0 }), known.generation == generation { return known.count }
        let counted = try await count()
        last.withLock { $0 = (generation, counted) }
        return counted
    }
}

extension MemesModule {
    /// The languages that are read on pictures, as Tesseract calls them.
    var readLanguages: [String] {
        let installed = OCREngine.installedLanguages().filter { $0 != "osd" && $0 != "equ" }
        return parts.settings.languages.isEmpty ? installed : installed.filter(parts.settings.languages.contains)
    }

    /// Every address of the pages.
    func addPages(to router: inout Router) {
        let pages = MemePageRoutes(service: self)
        router.get("/memes", pages.search)
        router.get("/memes/found", pages.found)
        router.get("/memes/label", pages.label)
        let pulls = PullPageRoutes(service: self)
        router.get("/memes/pulls", pulls.list)
        router.get("/memes/pulls/{pull_id}", pulls.show)
        router.get("/memes/packs", PackPageRoutes(service: self).show)
        router.get("/memes/{meme_id}", pages.meme)
    }
}

extension Request {
    /// Whether the asker may change memes.
    var mayWriteMemes: Bool { (try? requireWriter()) != nil }
}

extension Response {
    /// A page for whoever sent the request.
    static func page(_ page: Page, for request: Request) -> Response {
        .page(page, for: request.principal.map { $0.name ?? $0.subject })
    }
}
