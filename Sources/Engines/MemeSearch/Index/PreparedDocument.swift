/// A document cut into what the tables take; made outside the lock.
struct PreparedDocument {
    let number: UInt32
    let entry: IndexEntry
    let words: [(term: String, weight: Int)]
    let trigrams: [(term: Trigram, weight: Int)]
    /// In fifths.
    let wordLength: Int
    let trigramLength: Int

    init(_ document: SearchDocument) {
        precondition(document.number <= LexicalIndex.highestNumber, "number \(document.number) is beyond the index")
        let fields = document.foldedFields()
        var words = Tally<String>()
        var grams = Tally<Trigram>()
        var wordLength = 0
        var trigramLength = 0
        for (field, text) in zip(Field.allCases, fields) {
            let weight = Int(field.weight)
            let (terms, length) = documentTerms(text)
            for term in terms { words.add(term, weight) }
            wordLength += length * weight
            guard field.hasTrigrams else { continue }
            let found = MemeSearch.trigrams(text)
            for gram in found { grams.add(gram, weight) }
            trigramLength += found.count * weight
        }
        number = document.number
        self.words = words.entries
        trigrams = grams.entries
        self.wordLength = wordLength
        self.trigramLength = trigramLength
        entry = IndexEntry(document, fields: fields)
    }
}

/// Sums by key, in the order of first sight, so that equal documents make equal indexes.
private struct Tally<Key: Hashable> {
    private(set) var entries: [(term: Key, weight: Int)] = []
    private var places: [Key: Int] = [:]

    mutating func add(_ key: Key, _ weight: Int) {
        if let place = places[key] {
            entries[place].weight += weight
        } else {
            places[key] = entries.count
            entries.append((key, weight))
        }
    }
}

/// What the index keeps of a document beside its postings.
struct IndexEntry: Sendable {
    /// Folded fields, one a line, in the order of ``Field``.
    let folded: String
    let labels: [String]
    let pictureHash: UInt64?
    let contentHash: UInt64?
    /// Width by height; 0 when unknown.
    let ratio: Float
    let likes: Int32
    let dislikes: Int32

    fileprivate init(_ document: SearchDocument, fields: [String]) {
        folded = fields.joined(separator: "\n")
        labels = document.labels(hasText: !fields[Field.text.rawValue].isEmpty)
        pictureHash = document.pictureHash
        contentHash = document.contentHash
        ratio = document.height > 0 ? Float(document.width) / Float(document.height) : 0
        likes = Int32(clamping: document.likes)
        dislikes = Int32(clamping: document.dislikes)
    }

    /// The folded text of one field.
    func field(_ field: Field) -> Substring {
        folded.split(separator: "\n", omittingEmptySubsequences: false)[field.rawValue]
    }
}

extension SearchDocument {
    /// What filters and the tag leg look up, each with its kind before a colon.
    fileprivate func labels(hasText: Bool) -> [String] {
        var labels: [String] = []
        func add(_ label: String) {
            if !label.hasSuffix(":"), !labels.contains(label) { labels.append(label) }
        }
        for tag in tags { add(Label.tag(tag)) }
        for word in emotions { add(Emotion.named(word).map { Label.emotion($0) } ?? Label.tag(word)) }
        for library in libraries { add(Label.library(library)) }
        for color in colors { add(Label.color(color)) }
        add(Label.type(type))
        add(isAnimated ? Label.type("animated") : Label.type("still"))
        add(hasText ? Label.hasText : Label.hasNoText)
        let words = [caption.isEmpty ? text : caption, title, meaning].first { !$0.isEmpty }
        if let language = words.flatMap(TextLanguage.guess) { add(Label.language(language)) }
        return labels
    }
}

/// How labels are spelt.
enum Label {
    static let hasText = "text:some"
    static let hasNoText = "text:none"

    static func tag(_ name: some StringProtocol) -> String { "tag:" + TextFolding.folded(String(name)) }
    static func emotion(_ emotion: Emotion) -> String { "emotion:" + emotion.name }
    static func library(_ name: some StringProtocol) -> String { "lib:" + name.lowercased() }
    static func color(_ name: some StringProtocol) -> String { "color:" + Colors.canonical(name.lowercased()) }

    static func language(_ name: some StringProtocol) -> String {
        // `zh-CN` and `zh_Hans` are Chinese too.
        "lang:" + name.lowercased().prefix { $0 != "-" && $0 != "_" }
    }

    static func type(_ name: some StringProtocol) -> String {
        let name = name.lowercased()
        return "type:" + (name == "jpg" ? "jpeg" : name)
    }
}
