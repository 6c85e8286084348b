import HTTPServer
import Kernel
import MemeSearch

/// Reads a search from the parameters of `/query` and its relatives.
struct QueryParameters: Sendable {
    /// What `data` holds.
    enum Format: String, CaseIterable {
        case url, meta, id
    }

    let query: MemeQuery
    let format: Format
    let explains: Bool

    /// The parameters that are filters, and the key of the query language that each is.
    static let filters = [
        ("lib", "lib"), ("tag", "tag"), ("emotion", "emotion"), ("color", "color"), ("type", "type"),
        ("ratio", "ratio"), ("lang", "lang"),
    ]

    /// - Parameters:
    ///   - request: What was asked.
    ///   - text: The parameter that holds what was typed.
    ///   - cutsOff: Whether memes that fit badly are left out unless `min` says otherwise.
    /// - Throws: 422 that names the parameter.
    init(_ request: Request, text: String, cutsOff: Bool) throws {
        let typed = request.query[text] ?? ""
        let content = try Self.content(typed, name: text)
        let count = try Self.count(try request.query("n", as: Int.self) ?? 5, name: "n")
        var query = MemeQuery(content, count: count, cutsOff: cutsOff)
        for (name, key) in Self.filters {
            for value in request.query.all(name) { query.conditions.append(try Self.condition(name, key, value)) }
        }
        query.excluded = request.query.all("exclude").flatMap { $0.split(separator: ",").map(String.init) }
        guard query.excluded.count <= 1000 else { throw MemesError.badField(name: "exclude", reason: "At most 1000.") }
        if let collapse = try request.query("collapse", as: SearchRequest.Collapse.self) { query.collapse = collapse }
        if let minimum = request.query["min"] { try Minimum(minimum, "min").apply(to: &query) }
        query.offset = try Self.offset(request.query["cursor"])
        self.query = query
        format = try request.query("format", as: Format.self) ?? .url
        explains = try request.query("explain", as: Bool.self) ?? false
    }

    /// Which memes fit too badly.
    enum Minimum {
        case auto, none
        case score(Double)

        /// Reads `auto`, `none` or a score.
        init(_ text: String, _ name: String) throws {
            switch text {
            case "auto": self = .auto
            case "none": self = .none
            default:
                guard let score = Double(text) else { throw Self.refusal(name) }
                try self.init(score: score, name)
            }
        }

        /// A score below which nothing is found, 0 to 1.
        init(score: Double, _ name: String) throws {
            guard (0...1).contains(score) else { throw Self.refusal(name) }
            self = .score(score)
        }

        private static func refusal(_ name: String) -> MemesError {
            .badField(name: name, reason: "Use auto, none or a score from 0 to 1.")
        }

        func apply(to query: inout MemeQuery) {
            switch self {
            case .auto: query.cutsOff = true
            case .none: query.cutsOff = false
            case .score(let score):
                query.cutsOff = false
                query.leastScore = score
            }
        }
    }

    /// Trimmed, 1 to 500 Unicode scalars.
    static func content(_ typed: String, name: String) throws -> String {
        let content = trimmed(typed)
        guard !content.isEmpty else { throw MemesError.badField(name: name, reason: "Say what you look for.") }
        guard content.unicodeScalars.count <= 500 else {
            throw MemesError.badField(name: name, reason: "Use at most 500 characters.")
        }
        return content
    }

    static func count(_ count: Int, name: String) throws -> Int {
        guard (1...100).contains(count) else {
            throw MemesError.badField(name: name, reason: "Use a number from 1 to 100.")
        }
        return count
    }

    static func condition(_ name: String, _ key: String, _ value: String) throws -> MemeQuery.Condition {
        let values = value.split(separator: ",").map { trimmed(String($0)) }
        var filter = SearchFilter()
        guard value.unicodeScalars.count <= 500, filter.require(key, values) else {
            throw MemesError.badField(name: name, reason: "This is no value to filter by.")
        }
        return MemeQuery.Condition(key, values)
    }

    /// A cursor is the number of hits before the page.
    private static func offset(_ cursor: String?) throws -> Int {
        guard let cursor else { return 0 }
        guard let offset = Int(cursor), (0...900).contains(offset) else {
            throw MemesError.badField(name: "cursor", reason: "Send the cursor of the page before.")
        }
        return offset
    }
}

private func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
        let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
}
