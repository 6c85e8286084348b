import Kernel

/// How a pull goes about it.
struct PullOptions: Sendable, Equatable {
    /// Objects that one job fetches, 1 to 1,000.
    var batchSize = 100
    var isRecursive = true
    /// Patterns of names, compared with what follows the folder; empty for every picture.
    var include: [String] = []
    var exclude: [String] = []
    /// `nil` for all.
    var maxImages: Int?
    /// Whether objects that have not changed since an earlier pull are fetched all the same.
    var isForced = false
    /// The name of a library for the memes.
    var library: String?
    var tags: [String] = []
    /// What the pipeline does with the memes; `nil` for all.
    var stages: [MemeStage]?
    /// Whether memes go whose objects the source has no more.
    var deletesMissing = false

    init() {}

    private static let known: Set<String> = [
        "batch_size", "delete_missing", "dry_run", "exclude", "force", "include", "library", "max_images", "profile",
        "recursive", "source", "stages", "tags",
    ]

    /// Reads the fields of a request's body.
    ///
    /// - Throws: 422 that names the field, also for a field that does not exist: a misspelt one must not be ignored.
    init(body: JSON) throws {
        guard case .object(let members) = body else {
            throw MemesError.badField(name: "body", reason: "Send an object.")
        }
        if let stranger = members.first(where: { !Self.known.contains($0.key) }) {
            throw MemesError.badField(name: stranger.key, reason: "There is no such field.")
        }
        batchSize = try body.number("batch_size", 1...1000) ?? batchSize
        isRecursive = try body.flag("recursive") ?? true
        include = try body.texts("include")
        exclude = try body.texts("exclude")
        maxImages = try body.number("max_images", 1...Int(Int32.max))
        isForced = try body.flag("force") ?? false
        library = try body.text("library", upTo: 200)
        tags = try body.texts("tags")
        stages = try Self.stages(body)
        deletesMissing = try body.flag("delete_missing") ?? false
        guard !deletesMissing || maxImages == nil else {
            throw MemesError.badField(
                name: "delete_missing",
                reason: "Leave max_images out: only a source that is listed to its end tells what is gone.",
            )
        }
    }

    private static func stages(_ body: JSON) throws -> [MemeStage]? {
        guard let value = body["stages"], value != .null else { return nil }
        let stages = (value.array ?? [.null]).map { $0.string.flatMap(MemeStage.init(rawValue:)) }
        guard case let known = stages.compactMap(\.self), known.count == stages.count else {
            let names = MemeStage.allCases.map(\.rawValue).joined(separator: ", ")
            throw MemesError.badField(name: "stages", reason: "Use a list with some of \(names).")
        }
        return MemeStage.allCases.filter(known.contains)
    }

    /// As it is kept; the same fields as in a request.
    var json: JSON {
        var json: JSON = ["batch_size": JSON(batchSize), "recursive": .bool(isRecursive), "force": .bool(isForced)]
        if !include.isEmpty { json["include"] = JSON(include) }
        if !exclude.isEmpty { json["exclude"] = JSON(exclude) }
        if let maxImages { json["max_images"] = JSON(maxImages) }
        if let library { json["library"] = JSON(library) }
        if !tags.isEmpty { json["tags"] = JSON(tags) }
        if let stages { json["stages"] = JSON(stages.map(\.rawValue)) }
        if deletesMissing { json["delete_missing"] = true }
        return json
    }
}

extension JSON {
    /// A text of the body; `nil` when it is not there.
    func text(_ name: String, upTo limit: Int) throws -> String? {
        guard let value = self[name], value != .null else { return nil }
        guard let text = value.string, (1...limit).contains(text.utf8.count) else {
            throw MemesError.badField(name: name, reason: "Use a text of 1 to \(limit) bytes.")
        }
        return text
    }

    fileprivate func texts(_ name: String) throws -> [String] {
        guard let value = self[name], value != .null else { return [] }
        let texts = (value.array ?? [.null]).map { $0.string ?? "" }
        guard texts.count <= 100, texts.allSatisfy({ (1...200).contains($0.utf8.count) }) else {
            throw MemesError.badField(name: name, reason: "Use a list of at most 100 texts of 1 to 200 bytes.")
        }
        return texts
    }

    fileprivate func number(_ name: String, _ range: ClosedRange<Int>) throws -> Int? {
        guard let value = self[name], value != .null else { return nil }
        guard let number = value.integer.flatMap({ Int(exactly: $0) }), range.contains(number) else {
            throw MemesError.badField(
                name: name,
                reason: "Use a whole number from \(range.lowerBound) to \(range.upperBound).",
            )
        }
        return number
    }

    func flag(_ name: String) throws -> Bool? {
        guard let value = self[name], value != .null else { return nil }
        guard let flag = value.bool else { throw MemesError.badField(name: name, reason: "Use true or false.") }
        return flag
    }
}
