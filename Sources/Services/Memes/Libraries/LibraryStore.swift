import Database
import Kernel

/// A collection of memes: one meme may stand in several.
package struct MemeLibrary: Sendable {
    package let id: ID<MemeLibrary>
    package let name: String
    package let version: String
    package let author: String
    package let description: String
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        version = try row.get("version")
        author = try row.get("author")
        description = try row.get("description")
        createdAt = try row.get("created_at")
        updatedAt = try row.get("updated_at")
    }
}

/// The queries about libraries.
struct LibraryStore: Sendable {
    let database: any Database

    func all() async throws -> [MemeLibrary] {
        try await database.query("SELECT * FROM meme_library ORDER BY name").map(MemeLibrary.init(row:))
    }

    func find(_ id: ID<MemeLibrary>) async throws -> MemeLibrary? {
        try await database.lookup("SELECT * FROM meme_library WHERE id = \(id)").map(MemeLibrary.init(row:))
    }

    func find(name: String) async throws -> MemeLibrary? {
        try await database.lookup("SELECT * FROM meme_library WHERE name = \(name)").map(MemeLibrary.init(row:))
    }

    /// The library of that name, made where there is none.
    func take(name: String, at now: Timestamp) async throws -> MemeLibrary {
        try await put(id: ID(), name: name, at: now)
        guard let library = try await find(name: name) else { throw MemesError.libraryNotFound }
        return library
    }

    /// Makes a library unless its name is taken.
    func put(
        id: ID<MemeLibrary>,
        name: String,
        version: String = "1",
        author: String = "",
        description: String = "",
        at now: Timestamp,
    ) async throws {
        try await database.execute(
            """
            INSERT INTO meme_library (id, name, version, author, description, created_at, updated_at)
            VALUES (\(id), \(name), \(version), \(author), \(description), \(now), \(now))
            ON CONFLICT (name) DO NOTHING
            """
        )
    }

    /// The names of the libraries in which each of `ids` stands.
    func names(of ids: [ID<Meme>]) async throws -> [ID<Meme>: [String]] {
        guard !ids.isEmpty else { return [:] }
        let rows = try await database.query(
            """
            SELECT meme_shelf.meme_id, meme_library.name FROM meme_shelf
            JOIN meme_library ON meme_library.id = meme_shelf.library_id
            WHERE meme_shelf.meme_id IN (\(list: ids)) ORDER BY meme_library.name
            """
        )
        var all: [ID<Meme>: [String]] = [:]
        for row in rows { all[try row.get("meme_id"), default: []].append(try row.get("name")) }
        return all
    }

    /// How many memes each library has.
    func counts() async throws -> [ID<MemeLibrary>: Int] {
        let rows = try await database.query("SELECT library_id, COUNT(*) AS n FROM meme_shelf GROUP BY library_id")
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.get("library_id"), try $0.get("n")) })
    }

    /// Puts a meme into a library or takes it out, and has every index read it again.
    ///
    /// - Throws: ``MemesError/memeNotFound``.
    func set(
        _ meme: ID<Meme>,
        in library: ID<MemeLibrary>,
        isIn: Bool,
        memes: MemeStore,
        at now: Timestamp,
    ) async throws {
        try await database.transaction { transaction in
            guard try transaction.first("SELECT id FROM meme WHERE id = \(meme)") != nil else {
                throw MemesError.memeNotFound
            }
            if isIn {
                try Self.put(meme, into: library, in: transaction)
            } else {
                try Self.remove(meme, from: library, in: transaction)
            }
            try memes.touch(meme, at: now, in: transaction)
        }
    }

    /// Those of `libraries` in which the meme does not stand.
    static func missing(
        _ meme: ID<Meme>,
        in libraries: [ID<MemeLibrary>],
        _ transaction: any Transaction,
    ) throws -> [ID<MemeLibrary>] {
        guard !libraries.isEmpty else { return [] }
        let rows = try transaction.query(
            "SELECT library_id FROM meme_shelf WHERE meme_id = \(meme) AND library_id IN (\(list: libraries))"
        )
        let known = try rows.map { try $0.get("library_id", as: ID<MemeLibrary>.self) }
        return libraries.filter { !known.contains($0) }
    }

    /// Puts a meme into a library; once is enough.
    static func put(_ meme: ID<Meme>, into library: ID<MemeLibrary>, in transaction: any Transaction) throws {
        try transaction.execute(
            "INSERT INTO meme_shelf (library_id, meme_id) VALUES (\(library), \(meme)) ON CONFLICT DO NOTHING"
        )
    }

    /// Takes a meme out of a library.
    static func remove(_ meme: ID<Meme>, from library: ID<MemeLibrary>, in transaction: any Transaction) throws {
        try transaction.execute("DELETE FROM meme_shelf WHERE library_id = \(library) AND meme_id = \(meme)")
    }
}
