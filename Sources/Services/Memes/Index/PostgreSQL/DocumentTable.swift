import Database
import Kernel
import MemeSearch

/// The documents that PostgreSQL searches, and what is asked of them.
struct DocumentTable: Sendable {
    let database: any Database

    /// Documents that one term brings up at most: what more have it tells little.
    private static let mostOfTerm = 20_000

    // MARK: Candidates

    /// Numbers of the documents that hold the terms with the largest sum of weights, the largest first. Each term is a
    /// `tsquery`; the filter is what ``condition(_:)`` gives.
    func best(_ terms: [(query: String, weight: Double)], _ filter: SQL, limit: Int) async throws -> [UInt32] {
        guard !terms.isEmpty else { return [] }
        let rows = try await database.query(
            """
            SELECT found.number AS number
            FROM unnest(CAST(\(textArray(terms.map(\.query))) AS text[]),
                CAST(\(textArray(terms.map { "\($0.weight)" })) AS float8[])) AS term (query, weight)
            CROSS JOIN LATERAL (
                SELECT d.number FROM meme_document AS d WHERE d.terms @@ CAST(term.query AS tsquery) \(filter)
                LIMIT \(Self.mostOfTerm)
            ) AS found
            GROUP BY found.number ORDER BY sum(term.weight) DESC, found.number LIMIT \(limit)
            """
        )
        return try rows.map(memeNumber)
    }

    /// How many documents hold each of the terms; frequent ones are better looked up in ``statistics()``.
    func frequencies(of terms: [String]) async throws -> [String: Int] {
        guard !terms.isEmpty else { return [:] }
        let rows = try await database.query(
            """
            SELECT term.name AS name,
                (SELECT count(*) FROM meme_document WHERE terms @@ CAST(term.query AS tsquery)) AS frequency
            FROM unnest(CAST(\(textArray(terms)) AS text[]), CAST(\(textArray(terms.map(lexeme))) AS text[]))
                AS term (name, query)
            """
        )
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.get("name"), try $0.get("frequency")) })
    }

    /// What passes the filter, by number.
    func passing(_ filter: SQL, newestFirst: Bool, limit: Int) async throws -> [UInt32] {
        let order: SQL = newestFirst ? "DESC" : "ASC"
        return try await database.query(
            "SELECT d.number AS number FROM meme_document AS d WHERE d.number > 0 \(filter) ORDER BY d.number \(order) LIMIT \(limit)"
        ).map(memeNumber)
    }

    /// Documents whose pictures are nearest, with the bits in which they differ.
    func nearest(to hash: UInt64, _ filter: SQL, limit: Int) async throws -> [(number: UInt32, bits: Int)] {
        let picture: SQL = "CAST(\(Int64(bitPattern: hash)) AS bit(64))"
        return try await database.query(
            """
            SELECT d.number AS number, CAST(d.picture <~> \(picture) AS bigint) AS bits FROM meme_document AS d
            WHERE d.picture IS NOT NULL \(filter) ORDER BY d.picture <~> \(picture) LIMIT \(limit)
            """
        ).map { (try memeNumber($0), try $0.get("bits")) }
    }

    /// A condition on documents named `d` that begins with AND; empty when everything passes.
    func condition(_ filter: SearchFilter) -> SQL {
        var condition: SQL = ""
        if !filter.excluded.isEmpty {
            let numbers = filter.excluded.map { "\($0)" }
            condition = condition + "AND d.number <> ALL (CAST(\(textArray(numbers)) AS bigint[])) "
        }
        for lookup in filter.lookups {
            let (sql, isNegated): (SQL, Bool) =
                switch lookup {
                case .terms(let terms, let isNegated): (holds(terms.map(lexeme).joined(separator: " | ")), isNegated)
                case .phrase(let words, let pattern, let isInText, let isNegated):
                    (phrase(words, pattern, isInText: isInText), isNegated)
                case .ratio(let range, let isNegated):
                    ("d.ratio BETWEEN \(Double(range.lowerBound)) AND \(Double(range.upperBound))", isNegated)
                }
            condition = condition + (isNegated ? "AND NOT (\(sql)) " : "AND (\(sql)) ")
        }
        return condition
    }

    private func holds(_ query: String) -> SQL { "d.terms @@ CAST(\(query) AS tsquery)" }

    /// The words by the index, their order by the text.
    private func phrase(_ words: [String], _ pattern: String, isInText: Bool) -> SQL {
        let text: SQL = isInText ? "split_part(d.folded, chr(10), 1)" : "d.folded"
        return "\(holds(words.map(lexeme).joined(separator: " & "))) AND strpos(\(text), \(pattern)) > 0"
    }

    // MARK: What the library is like

    /// Counts all of a small library and a sample of a large one.
    func statistics() async throws -> LibraryStatistics {
        let known = try await database.first(
            "SELECT CAST(reltuples AS bigint) AS documents FROM pg_class WHERE oid = to_regclass('meme_document')"
        )
        let estimate: Int = try known?.get("documents") ?? 0
        let isLarge = estimate > 50_000
        let sample: SQL = isLarge ? "TABLESAMPLE SYSTEM (CAST(\(2_000_000 / Double(estimate)) AS real))" : ""
        let row = try await database.first(
            """
            SELECT count(*) AS documents, CAST(avg(word_length) AS float8) AS words,
                CAST(avg(trigram_length) AS float8) AS trigrams FROM meme_document \(sample)
            """
        )
        return LibraryStatistics(
            documents: isLarge ? estimate : try row?.get("documents") ?? 0,
            averageWords: Float(try row?.get("words", as: Double?.self) ?? 1),
            averageTrigrams: Float(try row?.get("trigrams", as: Double?.self) ?? 1),
            frequencies: isLarge ? try await commonTerms(of: estimate) : [:],
        )
    }

    /// The most frequent terms, as ANALYZE has counted them in its sample.
    private func commonTerms(of documents: Int) async throws -> [String: Int] {
        let rows = try await database.query(
            """
            SELECT common.term AS term, CAST(common.share AS float8) AS share
            FROM pg_stats, unnest(CAST(CAST(most_common_elems AS text) AS text[]), most_common_elem_freqs)
                AS common (term, share)
            WHERE schemaname = current_schema() AND tablename = 'meme_document' AND attname = 'terms'
                AND common.term IS NOT NULL AND common.share IS NOT NULL
            """
        )
        // Terms that differ only in how an accent is encoded are one to Swift.
        return Dictionary(
            try rows.map { row in
                (try row.get("term"), Int(try row.get("share", as: Double.self) * Double(documents)))
            },
            uniquingKeysWith: max,
        )
    }

    /// Labels such as `tag:cat` with their frequencies, of a sample where the library is large.
    func labels(documents: Int) async throws -> [(label: String, count: Int)] {
        let percent = documents > 50_000 ? 2_000_000 / Double(documents) : 100
        let rows = try await database.query(
            """
            SELECT label, count(*) AS frequency FROM meme_document TABLESAMPLE SYSTEM (CAST(\(percent) AS real)),
                unnest(labels) AS label
            GROUP BY label ORDER BY frequency DESC, label
            """
        )
        return try rows.map { row in
            (try row.get("label"), Int(Double(try row.get("frequency", as: Int.self)) * 100 / percent))
        }
    }

    /// Words that begin with a folded text, the most frequent of a sample first.
    func words(beginningWith prefix: String, limit: Int) async throws -> [String] {
        try await database.query(
            """
            SELECT word FROM (
                SELECT terms FROM meme_document WHERE terms @@ CAST(\(lexeme(prefix) + ":*") AS tsquery) LIMIT 1000
            ) AS found, unnest(tsvector_to_array(found.terms)) AS word
            WHERE starts_with(word, \(prefix)) AND strpos(word, ':') = 0
            GROUP BY word ORDER BY count(*) DESC, word LIMIT \(limit)
            """
        ).map { try $0.get("word") }
    }
}

/// A number as MemeSearch counts it.
func memeNumber(_ row: Row) throws -> UInt32 { UInt32(clamping: try row.get("number", as: Int64.self)) }

/// A term as a `tsquery` of its own.
func lexeme(_ term: String) -> String { "'\(escaped(term) { $0 == "'" || $0 == "\\" ? $0 : nil })'" }

/// A list of texts as PostgreSQL writes arrays.
func textArray(_ texts: [String]) -> String {
    let elements = texts.map { text in "\"\(escaped(text) { $0 == "\"" || $0 == "\\" ? "\\" : nil })\"" }
    return "{" + elements.joined(separator: ",") + "}"
}

/// By scalars: a quote with an accent is another character to Swift, and a quote to PostgreSQL.
private func escaped(_ text: String, by mark: (Unicode.Scalar) -> Unicode.Scalar?) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        if let mark = mark(scalar) { result.append(mark) }
        result.append(scalar)
    }
    return String(result)
}
