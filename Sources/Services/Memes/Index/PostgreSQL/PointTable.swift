import Database
import Kernel
import MemeSearch

/// The vectors of one space in PostgreSQL, in a table of their own: its index needs to know their length.
struct PointTable: Sendable {
    let database: any Database
    let space: String
    let dimensions: Int

    /// The longest vectors that pgvector's index takes; with half the bits it takes twice as long ones.
    private static let longest = 2_000

    /// Vectors that the index looks at in a search: recall over 0.98 at 100,000 vectors (docs/benchmarks.md).
    private static let effort = 200

    private var name: String { Self.name(space) }
    private var isHalf: Bool { dimensions > Self.longest }
    private var type: SQL { SQL(stringLiteral: "\(isHalf ? "halfvec" : "vector")(\(dimensions))") }

    /// Makes the table where there is none.
    func prepare() async throws {
        let (name, type, isHalf, space) = (name, type, isHalf, space)
        try await database.transaction { transaction in
            // Two processes may come at the same time; the state's row is the one that both have.
            try transaction.execute("SELECT change FROM meme_index_state WHERE name = 'documents' FOR UPDATE")
            try transaction.execute(
                """
                CREATE TABLE IF NOT EXISTS \(identifier: name) (
                    number BIGINT NOT NULL REFERENCES meme (number) ON DELETE CASCADE,
                    part BIGINT NOT NULL,
                    vector \(type) NOT NULL,
                    PRIMARY KEY (number, part)
                )
                """
            )
            let operators: SQL = isHalf ? "halfvec_cosine_ops" : "vector_cosine_ops"
            try transaction.execute(
                """
                CREATE INDEX IF NOT EXISTS \(identifier: name + "_by_vector") ON \(identifier: name)
                USING hnsw (vector \(operators)) WITH (m = 16, ef_construction = 100)
                """
            )
            try transaction.execute(
                "INSERT INTO meme_index_state (name, change) VALUES (\(Self.state(space)), 0) ON CONFLICT (name) DO NOTHING"
            )
        }
    }

    /// Removes the table of a space that nobody searches any more.
    static func drop(_ space: String, in transaction: any Transaction) throws {
        try transaction.execute("DROP TABLE IF EXISTS \(identifier: name(space))")
        try transaction.execute("DELETE FROM meme_index_state WHERE name = \(state(space))")
    }

    private static func name(_ space: String) -> String {
        "meme_point_" + Digest.sha256(Array(space.utf8)).prefix(8).hexadecimal
    }

    /// The name of the row that says how far the table is.
    static func state(_ space: String) -> String { "space \(space)" }

    /// Replaces the vectors of a meme; one that was deleted gets none.
    func put(_ parts: [[Float]], of number: UInt32, in transaction: any Transaction) throws {
        try transaction.execute("DELETE FROM \(identifier: name) WHERE number = \(Int64(number))")
        for (part, vector) in parts.enumerated() {
            try transaction.execute(
                """
                INSERT INTO \(identifier: name) (number, part, vector)
                SELECT number, \(part), CAST(CAST(\(text(vector)) AS text) AS \(type)) FROM meme WHERE number = \(Int64(number))
                """
            )
        }
    }

    /// The numbers of the nearest vectors, each once.
    func nearest(to vector: [Float], _ filter: SQL, count: Int) async throws -> [UInt32] {
        let (name, type) = (name, type)
        let passes: SQL = "EXISTS (SELECT 1 FROM meme_document AS d WHERE d.number = p.number \(filter))"
        let rows = try await database.transaction { transaction in
            // With a filter the index goes on until enough pass, instead of filtering what it would have found.
            try transaction.execute("SET LOCAL hnsw.iterative_scan = strict_order")
            try transaction.execute(SQL(stringLiteral: "SET LOCAL hnsw.ef_search = \(Self.effort)"))
            return try transaction.query(
                """
                SELECT p.number AS number FROM \(identifier: name) AS p WHERE \(passes)
                ORDER BY p.vector <=> CAST(CAST(\(self.text(vector)) AS text) AS \(type)) LIMIT \(2 * count)
                """
            )
        }
        var seen: Set<UInt32> = []
        return Array(try rows.map(memeNumber).filter { seen.insert($0).inserted }.prefix(count))
    }

    /// The cosine of the nearest part of each of the memes.
    func cosines(to vector: [Float], of numbers: [UInt32]) async throws -> [UInt32: Float] {
        let rows = try await database.query(
            """
            SELECT number, CAST(max(1 - (vector <=> CAST(CAST(\(text(vector)) AS text) AS \(type)))) AS float8) AS cosine
            FROM \(identifier: name) WHERE number = ANY (CAST(\(textArray(numbers.map { "\($0)" })) AS bigint[]))
            GROUP BY number
            """
        )
        return Dictionary(
            uniqueKeysWithValues: try rows.map { (try memeNumber($0), Float(try $0.get("cosine", as: Double.self))) }
        )
    }

    private func text(_ vector: [Float]) -> String { "[" + vector.map { "\($0)" }.joined(separator: ",") + "]" }
}
