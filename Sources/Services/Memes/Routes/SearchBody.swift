import FoundationEssentials
import HTTPServer
import Kernel
import MemeSearch

/// Reads the body of `POST /search`: a superset of what clients of older libraries send.
struct SearchBody: Sendable {
    /// A term that names a picture: a meme's id, or a file.
    enum Picture: Sendable, Equatable {
        case meme(ID<Meme>)
        case file([UInt8])
    }

    var query: MemeQuery
    /// Pictures that the hits shall resemble, with their weights.
    var pictures: [(picture: Picture, weight: Double)] = []

    /// - Throws: 422 that names the member.
    init(_ json: JSON) throws {
        guard case .object = json else { throw MemesError.badField(name: "body", reason: "Send a JSON object.") }
        let typed = try ["query", "content"].compactMap { name in
            try Self.text(json, name).map { try QueryParameters.content($0, name: name) }
        }
        let counts = try ["n", "n_results", "limit"].compactMap { name in
            try Self.integer(json, name).map { try QueryParameters.count($0, name: name) }
        }
        query = MemeQuery(typed.first ?? "", count: counts.first ?? 5, cutsOff: true)
        try readTerms(json)
        if let image = json["image"] { pictures.append((try Self.picture(image, "image"), 1)) }
        guard !query.text.isEmpty || !query.terms.isEmpty || !pictures.isEmpty else {
            throw MemesError.badField(name: "query", reason: "Say what you look for: query, image or terms.")
        }
        try readFilters(json)
    }

    private mutating func readTerms(_ json: JSON) throws {
        guard let terms = json["terms"] else { return }
        guard let terms = terms.array, terms.count <= 16 else {
            throw MemesError.badField(name: "terms", reason: "Send a list of at most 16 terms.")
        }
        for term in terms {
            let weight = term["weight"].map { $0 == .null ? 1 : $0.number ?? 0 } ?? 1
            guard (-2...2).contains(weight), weight != 0 else {
                throw MemesError.badField(name: "terms.weight", reason: "Use a number from -2 to 2 that is not 0.")
            }
            if let image = term["image"] {
                pictures.append((try Self.picture(image, "terms.image"), weight))
            } else if let text = (term["text"] ?? term["tag"])?.string {
                let text = try QueryParameters.content(text, name: "terms.text")
                query.terms.append(MemeQuery.Term(text: text, weight: weight))
            } else {
                throw MemesError.badField(name: "terms", reason: "Each term has a text, a tag or an image.")
            }
        }
    }

    private mutating func readFilters(_ json: JSON) throws {
        for (name, key) in QueryParameters.filters {
            guard let value = json[name], value != .null else { continue }
            let values = try value.string.map { [$0] } ?? Self.texts(value, name, most: 100)
            query.conditions.append(try QueryParameters.condition(name, key, values.joined(separator: ",")))
        }
        if let excluded = json["exclude"], excluded != .null {
            query.excluded = try Self.texts(excluded, "exclude", most: 1000)
        }
        if let collapse = try Self.text(json, "collapse") {
            guard let collapse = SearchRequest.Collapse(rawValue: collapse) else {
                throw MemesError.badField(name: "collapse", reason: "Use family, exact or off.")
            }
            query.collapse = collapse
        }
        if let score = json["min"]?.number {
            try QueryParameters.Minimum(score: score, "min").apply(to: &query)
        } else if let minimum = try Self.text(json, "min") {
            try QueryParameters.Minimum(minimum, "min").apply(to: &query)
        }
    }

    private static func texts(_ json: JSON, _ name: String, most: Int) throws -> [String] {
        guard let list = json.array, list.count <= most, case let texts = list.compactMap(\.string),
            texts.count == list.count
        else {
            throw MemesError.badField(name: name, reason: "Send a list of at most \(most) texts.")
        }
        return texts
    }

    private static func text(_ json: JSON, _ name: String) throws -> String? {
        guard let value = json[name], value != .null else { return nil }
        guard let text = value.string else { throw MemesError.badField(name: name, reason: "Send a text.") }
        return text
    }

    private static func integer(_ json: JSON, _ name: String) throws -> Int? {
        guard let value = json[name], value != .null else { return nil }
        guard let number = value.integer.flatMap({ Int(exactly: $0) }) else {
            throw MemesError.badField(name: name, reason: "Send a whole number.")
        }
        return number
    }

    private static func picture(_ json: JSON, _ name: String) throws -> Picture {
        guard let text = json.string else {
            throw MemesError.badField(name: name, reason: "Send a meme's id or a file in base64.")
        }
        if let id = ID<Meme>(text) { return .meme(id) }
        guard let data = Data(base64Encoded: text), !data.isEmpty else {
            throw MemesError.badField(name: name, reason: "Send a meme's id or a file in base64.")
        }
        return .file(Array(data))
    }
}
