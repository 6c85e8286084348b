import Kernel
import MemeSearch

/// A file of a pack and what the pack says of it.
struct PackItem: Sendable, Equatable {
    /// Where it is in the pack.
    var file: String
    /// What the meme's file is called.
    var name: String
    /// SHA-256, hexadecimal; `nil` where the pack does not say.
    var hash: String?
    var libraries: [String] = []
    var texts: [MemeText] = []

    /// What a meme's field is called in manifests: as everywhere for clients.
    static let fields: [(name: String, field: MemeField)] =
        EditMeme.names + [("caption", .caption), ("filename", .filename)]

    private static let mostLibraries = 20
    private static let mostValues = 64

    /// Reads an item of a manifest: `file`, `name`, `sha256`, `library` or `libraries`, and what it says of the meme.
    /// That is `texts`, in which each stands with who said it, or plain fields such as `tags`, which are a person's word.
    ///
    /// - Parameters:
    ///   - json: The item.
    ///   - place: Such as `Line 3`, for people.
    /// - Throws: ``PackError/badManifest(reason:)`` that names the place.
    init(_ json: JSON, place: String) throws(PackError) {
        guard let file = json["file"]?.string, !file.isEmpty else {
            throw .badManifest(reason: "\(place) has no 'file'.")
        }
        self.file = file.hasPrefix("./") ? String(file.dropFirst(2)) : file
        name = json["name"]?.string ?? ""
        if name.isEmpty { name = Self.lastPart(file) }
        guard name.utf8.count <= 255, !name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw .badManifest(reason: "\(place): a name has at most 255 bytes and no control characters.")
        }
        hash = (json["sha256"] ?? json["hash"])?.string?.lowercased()
        libraries = try Self.libraries(json, place)
        if let list = json["texts"]?.array {
            for text in list { texts.append(try Self.text(text, place)) }
        } else {
            texts = try Self.plainTexts(json, place)
        }
    }

    init(file: String, name: String, hash: String? = nil, libraries: [String] = []) {
        self.file = file
        self.name = name
        self.hash = hash
        self.libraries = libraries
    }

    /// A file's name without folders.
    static func lastPart(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    private static func libraries(_ json: JSON, _ place: String) throws(PackError) -> [String] {
        let names = (json["libraries"]?.array ?? json["library"].map { [$0] } ?? []).map { $0.string ?? "" }
        let fits = names.allSatisfy { PackManifest.Library.names.contains($0.unicodeScalars.count) }
        guard fits, names.count <= mostLibraries else {
            throw .badManifest(
                reason: "\(place): use at most \(mostLibraries) names of libraries of 1 to 120 characters."
            )
        }
        return names
    }

    /// `{field, by, values, confidence}`
    private static func text(_ json: JSON, _ place: String) throws(PackError) -> MemeText {
        guard let name = json["field"]?.string, let field = fields.first(where: { $0.name == name })?.field,
            let by = json["by"]?.string.flatMap(Provenance.init(rawValue:)), let list = json["values"]?.array
        else { throw .badManifest(reason: "\(place): a text has a known 'field', 'by' and 'values'.") }
        let values = list.compactMap(\.string)
        guard values.count == list.count else { throw .badManifest(reason: "\(place): \(name) has texts as values.") }
        let confidence = json["confidence"]?.number.map { min(1, max(0, $0)) }
        return MemeText(field, try checked(values, of: field, name, place), by: by, confidence: confidence)
    }

    private static func plainTexts(_ json: JSON, _ place: String) throws(PackError) -> [MemeText] {
        var texts: [MemeText] = []
        for (name, field) in fields where field != .filename {
            guard let value = json[name], value != .null, value != "" else { continue }
            guard let values = value.array?.map({ $0.string ?? "" }) ?? value.string.map({ [$0] }) else {
                throw .badManifest(reason: "\(place): \(name) is a text or a list of texts.")
            }
            texts.append(MemeText(field, try checked(values, of: field, name, place), by: .human))
        }
        return texts
    }

    /// Readings of a picture may be long: every one is in them.
    private static func checked(
        _ values: [String],
        of field: MemeField,
        _ name: String,
        _ place: String,
    ) throws(PackError) -> [String] {
        let longest = field.isList ? 500 : [.ocr, .caption].contains(field) ? 50_000 : 2000
        let fits = values.count <= (field.isList ? mostValues : 1)
        guard fits, values.allSatisfy({ $0.unicodeScalars.count <= longest && !$0.utf8.contains(0) }) else {
            let most = field.isList ? "a list of at most \(mostValues) texts" : "one text"
            throw .badManifest(reason: "\(place): \(name) is \(most) of at most \(longest) characters.")
        }
        guard field == .emotions else { return values }
        let known = values.compactMap { Emotion.named($0)?.name }
        guard known.count == values.count else {
            let names = Emotion.all.map(\.name).joined(separator: ", ")
            throw .badManifest(reason: "\(place): emotions are some of \(names).")
        }
        return known
    }
}
