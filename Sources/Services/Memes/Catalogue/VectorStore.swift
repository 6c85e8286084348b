import Database
import Kernel

/// The queries about vectors and the spaces they belong to. Vectors of different spaces never meet: a new model's space
/// is built beside the old one and takes its place in one step.
struct VectorStore: Sendable {
    let database: any Database

    /// The space that searches ask.
    func activeSpace() async throws -> (name: String, dimensions: Int)? {
        try await database.query("SELECT name, dimensions FROM meme_space WHERE state = 'active'").first
            .map { (try $0.get("name"), try $0.get("dimensions")) }
    }

    /// Makes the space where there is none yet: the first of all is active at once, a later one is built first.
    func prepare(_ name: String, dimensions: Int, at now: Timestamp) async throws {
        try await database.transaction { transaction in
            let hasActive = try transaction.first("SELECT name FROM meme_space WHERE state = 'active'") != nil
            try transaction.execute(
                """
                INSERT INTO meme_space (name, dimensions, state, created_at)
                VALUES (\(name), \(dimensions), \(hasActive ? "building" : "active"), \(now))
                ON CONFLICT (name) DO NOTHING
                """
            )
            // A model that comes back is brought up to date before it is asked again.
            try transaction.execute(
                "UPDATE meme_space SET state = 'building' WHERE name = \(name) AND state = 'retired'"
            )
        }
    }

    /// Memes that have not been through the space's model yet and are not on their way to it, in the order of their numbers.
    func missing(in space: String, after number: Int64, limit: Int) async throws -> [(id: ID<Meme>, number: Int64)] {
        try await database.query(
            """
            SELECT meme.id, meme.number FROM meme LEFT JOIN meme_stage ON meme_stage.content_hash = meme.content_hash
                AND meme_stage.stage = 'embed' AND meme_stage.version = \(space)
            WHERE meme_stage.content_hash IS NULL AND meme.status <> 'partial' AND meme.number > \(number)
            ORDER BY meme.number LIMIT \(limit)
            """
        ).map { (try $0.get("id"), try $0.get("number")) }
    }

    /// The vectors of a space for each of `ids`.
    func vectors(of ids: [ID<Meme>], in space: String) async throws -> [ID<Meme>: [[Float]]] {
        guard !ids.isEmpty else { return [:] }
        let rows = try await database.query(
            """
            SELECT meme_id, vector FROM meme_vector WHERE space = \(space) AND meme_id IN (\(list: ids)) ORDER BY part
            """
        )
        var all: [ID<Meme>: [[Float]]] = [:]
        for row in rows { all[try row.get("meme_id"), default: []].append(floats(try row.get("vector"))) }
        return all
    }

    // MARK: Changes, each inside the caller's transaction

    /// Replaces the vectors of a meme.
    func put(
        _ vectors: [(part: String, vector: [Float])],
        of id: ID<Meme>,
        in space: String,
        _ transaction: any Transaction,
    ) throws {
        try transaction.execute("DELETE FROM meme_vector WHERE space = \(space) AND meme_id = \(id)")
        for (part, vector) in vectors {
            try transaction.execute(
                """
                INSERT INTO meme_vector (space, meme_id, part, vector)
                VALUES (\(space), \(id), \(part), \(bytes(of: vector)))
                """
            )
        }
    }

    /// Makes a space that is being built the active one when no meme is missing in it.
    ///
    /// - Returns: Whether it took over.
    @discardableResult
    func activateWhenComplete(_ space: String, in transaction: any Transaction) throws -> Bool {
        // Takes the row's lock: of two that end at the same moment, neither would see the other's meme in PostgreSQL.
        let building = try transaction.execute(
            "UPDATE meme_space SET state = 'building' WHERE name = \(space) AND state = 'building'"
        )
        guard building == 1 else { return false }
        let missing = try transaction.first(
            """
            SELECT meme.id FROM meme LEFT JOIN meme_stage ON meme_stage.content_hash = meme.content_hash
                AND meme_stage.stage = 'embed' AND meme_stage.version = \(space)
            WHERE meme_stage.content_hash IS NULL AND meme.status <> 'partial' LIMIT 1
            """
        )
        guard missing == nil else { return false }
        try transaction.execute("UPDATE meme_space SET state = 'retired' WHERE state = 'active'")
        try transaction.execute("UPDATE meme_space SET state = 'active' WHERE name = \(space)")
        return true
    }
}

/// Little-endian, four bytes each.
func bytes(of vector: [Float]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * vector.count)
    for value in vector {
        let bits = value.bitPattern
        bytes.append(UInt8(truncatingIfNeeded: bits))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 24))
    }
    return bytes
}

func floats(_ bytes: [UInt8]) -> [Float] {
    stride(from: 0, to: bytes.count - 3, by: 4).map { start in
        let low = UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8
        return Float(bitPattern: low | UInt32(bytes[start + 2]) << 16 | UInt32(bytes[start + 3]) << 24)
    }
}
