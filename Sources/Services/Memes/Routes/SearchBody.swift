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
        let typed = try Self.text(json, ["query", "content"])
        let count = try Self.integer(json, ["n", "n_results", "limit"]) ?? 5
        query = MemeQuery("", count: try QueryParameters.count(count, name: "n"), cutsOff: true)
        if let typed { query.text = try QueryParameters.content(typed, name: "query") }
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
            let weight = term["weight"]?.number ?? 1
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
            let values = value.string.map { [$0] } ?? value.array?.compactMap(\.string) ?? []
            query.conditions.append(try QueryParameters.condition(name, key, values.joined(separator: ",")))
        }
        query.excluded = (json["exclude"]?.array ?? []).compactMap(\.string)
        guard query.excluded.count <= 1000 else { throw MemesError.badField(name: "exclude", reason: "At most 1000.") }
        if let collapse = json["collapse"]?.string {
            guard let collapse = SearchRequest.Collapse(rawValue: collapse) else {
                throw MemesError.badField(name: "collapse", reason: "Use family, exact or off.")
            }
            query.collapse = collapse
        }
        if let minimum = json["min"]?.string { query.cutsOff = minimum != "none" }
    }

    private static func text(_ json: JSON, _ names: [String]) throws -> String? {
        for name in names {
            guard let value = json[name], value != .null else { continue }
            guard let text = value.string else { throw MemesError.badField(name: name, reason: "Send a text.") }
            return text
        }
        return nil
    }

    private static func integer(_ json: JSON, _ names: [String]) throws -> Int? {
        for name in names {
            guard let value = json[name], value != .null else { continue }
            guard let number = value.integer.flatMap({ Int(exactly: $0) }) else {
                throw MemesError.badField(name: name, reason: "Send a whole number.")
            }
            return number
        }
        return nil
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
