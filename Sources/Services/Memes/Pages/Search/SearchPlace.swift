import HTTPServer
import Kernel
import MemeSearch

/// Where somebody is among the memes: everything that the address of the search page says.
struct SearchPlace: Sendable, Equatable {
    /// Filters that the page has fields for, as the address and the query language call them.
    static let filters = ["lib", "tag", "emotion", "color", "type"]
    /// Memes on a page.
    static let page = 30
    /// Hits before the last page of a search.
    private static let mostOffset = 900

    /// What was typed; at most 500 Unicode scalars.
    var text = ""
    var filters: [String: String] = [:]
    /// How many hits stand on earlier pages.
    var offset = 0
    /// Without a query: the last meme of the page before.
    var before: String?
    /// Whether scores and their addends show.
    var explains = false
    /// Whether what fits badly shows too.
    var showsAll = false

    /// Whatever cannot be used is left out: an address that somebody edited still leads to memes.
    init(_ request: Request) {
        text = String((request.query["q"] ?? "").unicodeScalars.prefix(SearchQuery.longest).map(Character.init))
        for name in Self.filters {
            guard let value = request.query[name], value.utf8.count <= 200 else { continue }
            var filter = SearchFilter()
            if filter.require(name, [value]) { filters[name] = value }
        }
        offset = min(Self.mostOffset, max(0, request.query["from"].flatMap { Int($0) } ?? 0))
        before = request.query["before"]
        explains = request.query["explain"] == "1"
        showsAll = request.query["min"] == "none"
    }

    /// Whether no page of hits follows, however many fit.
    var isLast: Bool { offset >= Self.mostOffset }

    /// The words to rank by and every condition.
    var query: SearchQuery {
        var query = SearchQuery(text)
        for (name, value) in filters { query.filter.require(name, [value]) }
        return query
    }

    /// One hit more than a page, to know whether there are more.
    func search(completing: Bool) -> MemeQuery {
        var query = MemeQuery(text, count: Self.page + 1, cutsOff: !showsAll)
        query.conditions = Self.filters.compactMap { name in
            filters[name].map { MemeQuery.Condition(name, [$0]) }
        }
        query.offset = offset
        query.completesLastWord = completing
        return query
    }

    /// The address of this place.
    var url: String {
        var parts: [String] = []
        func add(_ name: String, _ value: String) {
            if !value.isEmpty { parts.append("\(name)=\(addressPart(value))") }
        }
        add("q", text)
        for name in Self.filters { add(name, filters[name] ?? "") }
        if offset > 0 { add("from", "\(offset)") }
        add("before", before ?? "")
        if explains { add("explain", "1") }
        if showsAll { add("min", "none") }
        return parts.isEmpty ? "/memes" : "/memes?" + parts.joined(separator: "&")
    }

    /// The address of a place that differs from this one.
    func url(_ change: (inout SearchPlace) -> Void) -> String {
        var other = self
        change(&other)
        return other.url
    }
}

/// A value as forms encode it in addresses.
func addressPart(_ text: String) -> String {
    text.utf8.map { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            return String(Character(Unicode.Scalar(byte)))
        case UInt8(ascii: " "): return "+"
        default:
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
        }
    }.joined()
}
