import Database
import Jobs
import Kernel
import MemeSearch

/// What a person changes about a meme. Their word counts from then on, whatever models say later.
struct EditMeme: Sendable {
    let jobs: JobQueue
    let memes: MemeStore
    let texts: MemeTextStore
    let time: any TimeSource

    /// Fields as clients call them.
    static let names: [(name: String, field: MemeField)] = [
        ("title", .title), ("ocr", .ocr), ("meaning", .meaning), ("scene", .scene), ("template", .template),
        ("subjects", .subjects), ("emotions", .emotions), ("tags", .keywords),
    ]

    /// A value to set, or `nil` to take the person's word back so that models are believed again.
    struct Change: Sendable, Equatable {
        let field: MemeField
        let values: [String]?
    }

    /// Reads the members of a body.
    ///
    /// - Throws: 422 that names the member.
    static func changes(_ json: JSON) throws -> [Change] {
        guard case .object(let members) = json, !members.isEmpty else {
            throw MemesError.badField(name: "body", reason: "Send an object with the fields to change.")
        }
        return try members.map { name, value in
            guard let field = names.first(where: { $0.name == name })?.field else {
                let known = names.map(\.name).joined(separator: ", ")
                throw MemesError.badField(name: name, reason: "Use \(known).")
            }
            return Change(field: field, values: value == .null ? nil : try values(value, of: field, name))
        }
    }

    /// - Throws: ``MemesError/memeNotFound``.
    func callAsFunction(_ id: ID<Meme>, _ changes: [Change]) async throws -> Meme {
        let (jobs, memes, texts, now) = (jobs, memes, texts, time.now)
        try await memes.database.transaction { transaction in
            guard try transaction.first("SELECT id FROM meme WHERE id = \(id)") != nil else {
                throw MemesError.memeNotFound
            }
            for change in changes {
                if let values = change.values {
                    try texts.put(MemeText(change.field, values, by: .human), of: id, at: now, in: transaction)
                } else {
                    try texts.remove(change.field, by: .human, of: id, in: transaction)
                }
            }
            try jobs.enqueue(EmbedMeme(meme: id), in: transaction)
            try memes.touch(id, at: now, in: transaction)
        }
        guard let meme = try await memes.find(id) else { throw MemesError.memeNotFound }
        return meme
    }

    private static func values(_ value: JSON, of field: MemeField, _ name: String) throws -> [String] {
        guard field.isList else {
            guard let text = value.string, text.unicodeScalars.count <= 2000 else {
                throw MemesError.badField(name: name, reason: "Send a text of at most 2000 characters, or null.")
            }
            return [text]
        }
        guard let list = value.array, list.count <= 64, case let texts = list.compactMap(\.string),
            texts.count == list.count, texts.allSatisfy({ $0.unicodeScalars.count <= 500 })
        else {
            throw MemesError.badField(
                name: name,
                reason: "Send a list of at most 64 texts of 500 characters, or null.",
            )
        }
        guard field == .emotions else { return texts }
        return try texts.map { text in
            guard let emotion = Emotion.named(text) else {
                let known = Emotion.all.map(\.name).joined(separator: ", ")
                throw MemesError.badField(name: name, reason: "Use one of \(known).")
            }
            return emotion.name
        }
    }
}
