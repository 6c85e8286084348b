import Database
import Kernel

/// The table `accounts_api_key`: making, listing, revoking and checking keys.
///
/// Every check reads the row, so a revoked key is refused by the next request on every process.
package struct APIKeyStore: Sendable {
    private let database: any Database
    private let time: any TimeSource
    private let uses: KeyUses

    package init(_ database: any Database, time: any TimeSource = SystemTime()) {
        self.database = database
        self.time = time
        uses = KeyUses()
    }

    /// Makes a key; only this answer ever holds its text. `lifetime` is at most ten years, `nil` for a key without end.
    package func create(
        name: String,
        owner: String,
        organization: String = Principal.defaultOrganization,
        scopes: [String],
        lifetime: Duration? = nil,
    ) async throws -> NewAPIKey {
        try check(name: name, owner: owner, organization: organization, scopes: scopes, lifetime: lifetime)
        let text = APIKeyText.random()
        let now = time.now
        let key = APIKey(
            id: ID(),
            name: name,
            prefix: text.prefix,
            owner: owner,
            organization: organization,
            scopes: Set(scopes).sorted(),
            createdAt: now,
            expiresAt: lifetime.map { now + $0 },
            lastUsedAt: nil,
            revokedAt: nil,
        )
        try await database.execute(
            """
            INSERT INTO accounts_api_key (id, name, hash, prefix, owner, organization, scopes, created_at, expires_at)
            VALUES (\(key.id), \(name), \(text.hash), \(key.prefix), \(owner), \(organization), \(JSON(key.scopes)),
                \(now), \(key.expiresAt))
            """
        )
        return NewAPIKey(key: key, text: Secret(text.text))
    }

    /// The newest keys first, of everybody or of one owner, at most a thousand; revoked and expired ones too.
    package func list(owner: String? = nil) async throws -> [APIKey] {
        let condition: SQL = owner.map { "WHERE owner = \($0)" } ?? ""
        let rows = try await database.query(
            "SELECT \(columns) FROM accounts_api_key \(condition) ORDER BY created_at DESC, id DESC LIMIT 1000"
        )
        return try rows.map { try APIKey(row: $0) }
    }

    /// Ends a key now. Revoking it again changes nothing.
    ///
    /// - Throws: ``AccountsError/noSuchKey``.
    package func revoke(_ id: ID<APIKey>) async throws {
        let changed = try await database.execute(
            "UPDATE accounts_api_key SET revoked_at = COALESCE(revoked_at, \(time.now)) WHERE id = \(id)"
        )
        guard changed == 1 else { throw AccountsError.noSuchKey }
    }

    /// The key with this text.
    ///
    /// - Throws: ``AccountsError/badAPIKey``, ``AccountsError/expiredAPIKey``, or what the database threw.
    package func verify(_ text: some StringProtocol & Sendable) async throws -> APIKey {
        guard let text = APIKeyText(text) else { throw AccountsError.badAPIKey }
        let row = try await database.lookup("SELECT \(columns) FROM accounts_api_key WHERE hash = \(text.hash)")
        guard let row else { throw AccountsError.badAPIKey }
        let key = try APIKey(row: row)
        guard key.revokedAt == nil else { throw AccountsError.badAPIKey }
        guard !key.isExpired(at: time.now) else { throw AccountsError.expiredAPIKey }
        await noteUse(of: key)
        return key
    }

    /// Removes every row of the subject and tells how many there were.
    @discardableResult
    package func erase(_ subject: String, in transaction: any Transaction) throws -> Int {
        try transaction.execute("DELETE FROM accounts_api_key WHERE owner = \(subject)")
    }

    /// A request that only reads must not wait for the disk each time, so the use is written once a minute; and it must
    /// not fail because the disk is full, so an error here is nobody's.
    private func noteUse(of key: APIKey) async {
        let now = time.now
        guard uses.isDue(key.id, at: now, after: key.lastUsedAt) else { return }
        _ = try? await database.execute("UPDATE accounts_api_key SET last_used_at = \(now) WHERE id = \(key.id)")
    }

    private func check(
        name: String,
        owner: String,
        organization: String,
        scopes: [String],
        lifetime: Duration?,
    ) throws(AccountsError) {
        guard Principal.isSubject(name), name.utf8.count <= 100 else {
            throw .badKeyRequest("name of a key must be 1 to 100 bytes long, without control characters")
        }
        guard Principal.isSubject(owner), Principal.isSubject(organization) else {
            throw .badKeyRequest("owner and organization must be 1 to 255 bytes long, without control characters")
        }
        guard scopes.count <= 100, scopes.allSatisfy(isScope) else {
            throw .badKeyRequest("scopes must be at most 100 words such as image:upload")
        }
        let longest = Duration.seconds(10 * 366 * 86_400)
        guard lifetime.map({ $0 >= .seconds(1) && $0 <= longest }) ?? true else {
            throw .badKeyRequest("lifetime of a key must be 1 second to 10 years")
        }
    }
}

private let columns: SQL =
    "id, name, prefix, owner, organization, scopes, created_at, expires_at, last_used_at, revoked_at"

extension APIKey {
    fileprivate init(row: Row) throws {
        let list: JSON = try row.get("scopes")
        self.init(
            id: try row.get("id"),
            name: try row.get("name"),
            prefix: try row.get("prefix"),
            owner: try row.get("owner"),
            organization: try row.get("organization"),
            scopes: (list.array ?? []).compactMap(\.string),
            createdAt: try row.get("created_at"),
            expiresAt: try row.get("expires_at"),
            lastUsedAt: try row.get("last_used_at"),
            revokedAt: try row.get("revoked_at"),
        )
    }
}

private func isScope(_ text: String) -> Bool {
    (1...100).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
}
