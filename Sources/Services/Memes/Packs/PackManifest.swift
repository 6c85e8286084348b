import Kernel

/// What a pack says of its files.
struct PackManifest: Sendable, Equatable {
    /// A library that memes of the pack stand in.
    struct Library: Sendable, Equatable {
        let name: String
        var version = "1"
        var author = ""
        var description = ""
    }

    /// What the field `format` of our own manifests says.
    static let format = "pictor-pack"
    /// The version of that format which this program writes, and the latest that it reads.
    static let version: Int64 = 1
    /// The name of a manifest in an archive, before the ending.
    static let stem = "manifest"

    /// How a manifest is written down.
    enum Kind: String, Sendable, CaseIterable {
        case json, jsonl, csv

        /// By the ending of a file's name; `nil` for other files.
        init?(fileName: String) {
            guard let dot = fileName.lastIndex(of: ".") else { return nil }
            self.init(rawValue: fileName[fileName.index(after: dot)...].lowercased())
        }
    }

    var libraries: [Library] = []
    var items: [PackItem] = []

    /// Reads a manifest of any kind.
    ///
    /// - Throws: ``PackError/badManifest(reason:)``.
    init(_ bytes: [UInt8], _ kind: Kind) throws(PackError) {
        switch kind {
        case .json: try readJSON(bytes)
        case .jsonl: items = try Self.lines(bytes)
        case .csv: items = try Self.table(bytes)
        }
        guard !items.isEmpty else { throw .badManifest(reason: "It names no file.") }
    }

    /// Our own form, a list of items, or the manifest of a community library.
    private mutating func readJSON(_ bytes: [UInt8]) throws(PackError) {
        guard let json = try? JSON(parsing: bytes) else { throw .badManifest(reason: "It is no JSON.") }
        if let files = json["contents"]?["images"]?["files"] {
            return try readCommunity(json, files)
        }
        if let format = json["format"]?.string {
            guard format == Self.format else { throw .badManifest(reason: "Its format '\(format)' is not known.") }
            guard let version = json["version"]?.integer, version <= Self.version else {
                throw .badManifest(reason: "It is of a later version of Pictor. Use that version.")
            }
        }
        guard let list = json.array ?? json["memes"]?.array else {
            throw .badManifest(reason: "It is no list of memes, and has no list 'memes'.")
        }
        for (place, item) in list.enumerated() { items.append(try PackItem(item, place: "Meme \(place + 1)")) }
        for library in json["libraries"]?.array ?? [] {
            guard let library = Library(library) else { throw .badManifest(reason: "A library has no fitting name.") }
            libraries.append(library)
        }
    }

    /// `{name, author, …, contents: {images: {files: {NAME: {filepath, hash}}}}}`: there the names are what tells of the
    /// pictures.
    private mutating func readCommunity(_ json: JSON, _ files: JSON) throws(PackError) {
        guard case .object(let members) = files else {
            throw .badManifest(reason: "contents.images.files is no object.")
        }
        let library = Library(json)
        libraries = library.map { [$0] } ?? []
        for (name, file) in members {
            guard let path = file["filepath"]?.string else {
                throw .badManifest(reason: "'\(name.prefix(100))' has no filepath.")
            }
            let ending = PackItem.lastPart(path).split(separator: ".").last.map(String.init) ?? ""
            let isNamed = Kind.endings.contains { name.lowercased().hasSuffix("." + $0) }
            items.append(
                PackItem(
                    file: path,
                    name: isNamed ? name : "\(name).\(ending)",
                    hash: file["hash"]?.string?.lowercased(),
                    libraries: library.map { [$0.name] } ?? [],
                )
            )
        }
    }
}

extension PackManifest.Kind {
    /// Endings of pictures' names.
    static let endings = ["jpg", "jpeg", "png", "webp", "gif"]
}

extension PackManifest.Library {
    /// Reads it from a manifest; `nil` when it has no name that a library can have.
    init?(_ json: JSON) {
        guard let name = json["name"]?.string, Self.names.contains(name.unicodeScalars.count) else { return nil }
        func text(_ key: String, _ limit: Int) -> String {
            String((json[key]?.string ?? "").unicodeScalars.prefix(limit).map(Character.init))
        }
        self.init(
            name: name,
            version: text("version", 40),
            author: text("author", 120),
            description: text("description", 2000),
        )
    }

    /// How long the name of a library is, in Unicode scalars.
    static let names = 1...120
}
