import Database
import Kernel
import MemeSearch
import Synchronization
import Telemetry

/// Looks memes up in PostgreSQL: its indexes bring up what may fit, and the legs of ``MemeSearcher`` rank that as they
/// would among all memes.
final class PostgreSQLLookup: MemeLookup {
    private struct State {
        var change: Int64 = 0
        var points: (table: PointTable, scale: CosineScale)?
        var statistics = LibraryStatistics(documents: 0, averageWords: 1, averageTrigrams: 1)
        var learnedAt: Timestamp?
        var labels: (change: Int64, all: [(label: String, count: Int)])?
    }

    /// Of a large library its statistics are read no oftener.
    private static let learning = Duration.seconds(60)
    /// Memes that one leg brings up.
    private static let candidates = 100

    private let documents: DocumentReader
    private let memes: MemeStore
    private let metrics: MemesMetrics
    private let pool: WorkPool
    private let table: DocumentTable
    private let time: any TimeSource
    private let state = Mutex(State())

    /// `pool`: Where ranking burns CPU.
    init(documents: DocumentReader, memes: MemeStore, metrics: MemesMetrics, pool: WorkPool, time: any TimeSource) {
        self.documents = documents
        self.memes = memes
        self.metrics = metrics
        self.pool = pool
        self.time = time
        table = DocumentTable(database: memes.database)
    }

    var generation: Int64 { state.withLock { $0.change } }
    var count: Int { state.withLock { $0.statistics.documents } }
    var space: String? { state.withLock { $0.points?.table.space } }

    // MARK: What the follower says

    /// Searches ask this table from now on.
    func use(_ points: PointTable, scale: CosineScale) { state.withLock { $0.points = (points, scale) } }

    /// The tables have everything up to this change.
    func learn(upTo change: Int64) async throws {
        let (known, learnedAt) = state.withLock { ($0.statistics.documents, $0.learnedAt) }
        let isDue = known < 20_000 || learnedAt.map { time.now > $0 + Self.learning } ?? true
        let statistics = isDue ? try await table.statistics() : nil
        state.withLock { state in
            if let statistics {
                state.statistics = statistics
                state.learnedAt = time.now
            }
            state.change = max(state.change, change)
        }
    }

    // MARK: Searching

    func search(_ request: SearchRequest, vectors: [Int: [Float]]) async throws -> LookupAnswer {
        let filter = table.condition(request.filter)
        let points = state.withLock { $0.points }
        let limit = max(Self.candidates, 2 * request.count)
        let statistics = try await statistics(for: request)
        var numbers: Set<UInt32> = []
        for (place, term) in request.terms.enumerated() where term.weight > 0 {
            numbers.formUnion(try await lexical(term, request, filter, statistics, limit: limit))
            if let hash = term.pictureHash {
                numbers.formUnion(try await table.nearest(to: hash, filter, limit: limit).map(\.number))
            }
            guard let points, let vector = vectors[place] else { continue }
            let startedAt = ContinuousClock.now
            numbers.formUnion(try await points.table.nearest(to: vector, filter, count: limit))
            metrics.vectorSearch.observe(ContinuousClock.now - startedAt)
        }
        if request.terms.isEmpty {
            numbers.formUnion(try await table.passing(filter, newestFirst: false, limit: request.count))
        }
        let found = try await memes.find(numbers: Array(numbers)).sorted { $0.number < $1.number }
        var asked = request
        if let points {
            for (place, vector) in vectors {
                let cosines = try await points.table.cosines(to: vector, of: found.map(\.number))
                asked.terms[place].dense = DenseSearch(found.map { cosines[$0.number] }, scale: points.scale)
            }
        }
        return try await rank(found, asked, statistics)
    }

    /// By words and their parts, and by labels.
    private func lexical(
        _ term: SearchTerm,
        _ request: SearchRequest,
        _ filter: SQL,
        _ statistics: LibraryStatistics,
        limit: Int,
    ) async throws -> [UInt32] {
        let terms = QueryTerms(term.text)
        func weighted(_ names: [String]) -> [(query: String, weight: Double)] {
            names.filter { statistics.frequencies[$0] ?? 0 > 0 }.map { (lexeme($0), statistics.rarity(of: $0)) }
        }
        var words = weighted(terms.words)
        let all = terms.words.map(lexeme).joined(separator: " & ")
        // Words that everybody uses tell much when they stand together.
        if terms.words.count > 1 { words.append((all, words.reduce(0) { $0 + $1.weight })) }
        if request.completesLastWord, !all.isEmpty { words.append(("\(all):*", 1)) }
        let rarest = weighted(terms.trigrams).sorted { ($1.weight, $0.query) < ($0.weight, $1.query) }.prefix(20)
        return try await table.best(words, filter, limit: limit)
            + table.best(Array(rarest), filter, limit: limit)
            + table.best(weighted(terms.labels), filter, limit: limit)
    }

    /// The library's, with the frequencies of everything that the request names.
    private func statistics(for request: SearchRequest) async throws -> LibraryStatistics {
        var statistics = state.withLock { $0.statistics }
        let names = request.terms.map { QueryTerms($0.text) }.flatMap { $0.words + $0.trigrams + $0.labels }
        let unknown = Set(names).filter { statistics.frequencies[$0] == nil }
        statistics.frequencies.merge(try await table.frequencies(of: unknown.sorted())) { $1 }
        return statistics
    }

    /// Puts what was brought up into an index of its own and searches that. Numbers are their places there: the index
    /// is as long as its highest number.
    private func rank(
        _ found: [Meme],
        _ request: SearchRequest,
        _ statistics: LibraryStatistics,
    ) async throws -> LookupAnswer {
        let read = try await documents(of: found)
        var request = request
        request.filter.excluded = NumberSet()  // none of them was brought up
        let asked = request
        var answer = try await pool.run {
            let index = LexicalIndex(partOf: statistics)
            for (place, document) in read.enumerated() {
                var document = document
                document.number = UInt32(place)
                index.upsert(document)
            }
            return MemeSearcher(index).search(asked)
        }
        var ids: [UInt32: ID<Meme>] = [:]
        for place in answer.hits.indices {
            let meme = found[Int(answer.hits[place].number)]
            answer.hits[place].number = meme.number
            ids[meme.number] = meme.id
        }
        return LookupAnswer(answer: answer, ids: ids)
    }

    // MARK: The rest

    func numbers(of ids: [ID<Meme>]) async throws -> [UInt32] { try await memes.find(all: ids).map(\.number) }

    func present(_ numbers: [UInt32]) async throws -> Set<UInt32> {
        guard !numbers.isEmpty else { return [] }
        return Set(
            try await memes.database.query("SELECT number FROM meme WHERE number IN (\(list: numbers.map(Int64.init)))")
                .map(memeNumber)
        )
    }

    func family(of meme: Meme, limit: Int) async throws -> [ID<Meme>] {
        try await relatives(of: meme, within: Families.distance).prefix(limit).map(\.id)
    }

    func original(of meme: Meme) async throws -> ID<Meme>? {
        let near = try await relatives(of: meme, within: Families.copyDistance).filter { $0.number < meme.number }
        guard !near.isEmpty else { return nil }
        let read = try await documents(of: [meme] + near)
        guard let hash = meme.perceptualHash else { return nil }
        let copies = zip(near, read.dropFirst()).filter { other, document in
            Families.areCopies(hash, other.perceptualHash ?? ~hash, texts: (read[0].text, document.text))
        }
        return copies.min { $0.0.number < $1.0.number }?.0.id
    }

    /// Memes with almost the same picture, by likeness.
    private func relatives(of meme: Meme, within distance: Int) async throws -> [Meme] {
        guard let hash = meme.perceptualHash else { return [] }
        let near = try await table.nearest(to: hash, "AND d.number <> \(Int64(meme.number))", limit: 40)
            .filter { $0.bits <= distance }.sorted { ($0.bits, $0.number) < ($1.bits, $1.number) }
        let found = Dictionary(
            uniqueKeysWithValues: try await memes.find(numbers: near.map(\.number)).map { ($0.number, $0) }
        )
        return near.compactMap { found[$0.number] }
    }

    func labels(of filters: [String], limit: Int) async throws -> [String: [LabelCount]] {
        let (change, documents, known) = state.withLock { ($0.change, $0.statistics.documents, $0.labels) }
        let all: [(label: String, count: Int)]
        if let known, known.change == change {
            all = known.all
        } else {
            all = try await table.labels(documents: documents)
            state.withLock { $0.labels = (change, all) }
        }
        var found: [String: [LabelCount]] = [:]
        for filter in filters {
            found[filter] = all.lazy.filter { $0.label.hasPrefix(filter + ":") }.prefix(limit).map {
                LabelCount(name: String($0.label.dropFirst(filter.count + 1)), count: $0.count)
            }
        }
        return found
    }

    func suggestions(for prefix: String, count: Int) async throws -> [String] {
        let words = QueryTerms(prefix).words
        guard words.count == 1 else { return [] }
        return try await table.words(beginningWith: words[0], limit: count)
    }

    func newest(_ filter: SearchFilter, before number: UInt32?, limit: Int) async throws -> [ID<Meme>] {
        let older: SQL = number.map { "AND d.number < \(Int64($0)) " } ?? ""
        let numbers = try await table.passing(table.condition(filter) + older, newestFirst: true, limit: limit)
        return try await memes.find(numbers: numbers).sorted { $0.number > $1.number }.map(\.id)
    }

    /// Its document went with its row.
    func remove(_ number: UInt32) {}
}

extension DenseSearch {
    /// Of vectors that were compared already: the cosine of each place.
    fileprivate init(_ cosines: [Float?], scale: CosineScale) {
        let known = cosines.enumerated().compactMap { place, cosine in
            cosine.map { (number: UInt32(place), cosine: $0) }
        }.sorted { ($1.cosine, $0.number) < ($0.cosine, $1.number) }
        self.init(scale: scale) { count, allowed in
            Array(known.lazy.filter { allowed?.contains($0.number) ?? true }.prefix(count))
        }
    }
}
