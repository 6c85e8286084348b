import Accounts
import Database
import Kernel
import Telemetry
import TestSupport
import Testing

@Suite struct APIKeyStoreTests {
    let test: TestDatabase
    var database: any Database { test.database }
    let time = ManualTime()
    let keys: APIKeyStore

    init() async throws {
        test = try await DatabaseBackend.ofModules.make()
        try await migrate(test.database, accountsMigrations)
        keys = APIKeyStore(test.database, time: time)
    }

    @Test func aNewKeyIsGoodAtOnce() async throws {
        let new = try await keys.create(
            name: "laptop",
            owner: "ada",
            organization: "engines",
            scopes: ["image:upload", "image:read", "image:read"],
        )
        let key = try await keys.verify(new.text.reveal())
        #expect(key == new.key)
        #expect(
            key.principal
                == Principal(
                    subject: "ada",
                    organization: "engines",
                    permissions: ["image:read", "image:upload"],
                    proof: .apiKey(key.id),
                )
        )
        #expect(key.createdAt == time.now)
        #expect(key.isUsable(at: time.now))
    }

    @Test("a key is pk_ and 32 random bytes; what is shown of it is far too little")
    func form() async throws {
        let first = try await keys.create(name: "a", owner: "ada", scopes: [])
        let second = try await keys.create(name: "a", owner: "ada", scopes: [])
        let text = first.text.reveal()
        #expect(text.hasPrefix("pk_"))
        #expect(bytes(base64URL: text.dropFirst(3))?.count == 32)
        #expect(text != second.text.reveal())
        #expect(first.key.prefix == String(text.prefix(11)))
        #expect(!"\(first)".contains(text))
    }

    @Test func theDatabaseHoldsOnlyTheHash() async throws {
        let new = try await keys.create(name: "laptop", owner: "ada", scopes: ["x"])
        let row = try #require(try await database.first("SELECT * FROM accounts_api_key"))
        let hash: [UInt8] = try row.get("hash")
        #expect(hash == Digest.sha256(new.text.reveal().utf8))
        let secretPart = new.text.reveal().dropFirst(11)
        #expect(!"\(row)".contains(secretPart))
    }

    @Test(
        "what is no key is refused",
        arguments: [
            "", "pk_", "pk_short", "sk_" + String(repeating: "A", count: 43),
            "pk_" + String(repeating: "A", count: 43),
            "pk_" + String(repeating: "A", count: 44), "pk_" + String(repeating: "!", count: 43),
        ],
    )
    func notAKey(text: String) async throws {
        _ = try await keys.create(name: "laptop", owner: "ada", scopes: [])
        await #expect(throws: AccountsError.badAPIKey) { try await keys.verify(text) }
    }

    @Test func aKeyEndsToTheMillisecond() async throws {
        let new = try await keys.create(name: "guest", owner: "ada", scopes: [], lifetime: .seconds(3600))
        time.advance(by: .milliseconds(3_599_999))
        #expect(try await keys.verify(new.text.reveal()).id == new.key.id)
        time.advance(by: .milliseconds(1))
        await #expect(throws: AccountsError.expiredAPIKey) { try await keys.verify(new.text.reveal()) }
    }

    @Test func aRevokedKeyIsRefusedAtOnceAndStaysInTheList() async throws {
        let new = try await keys.create(name: "lost", owner: "ada", scopes: [])
        _ = try await keys.verify(new.text.reveal())
        try await keys.revoke(new.key.id)
        let revoked = time.now
        await #expect(throws: AccountsError.badAPIKey) { try await keys.verify(new.text.reveal()) }
        time.advance(by: .seconds(10))
        try await keys.revoke(new.key.id)
        #expect(try await keys.list().map(\.revokedAt) == [revoked], "the first revocation counts")
        await #expect(throws: AccountsError.noSuchKey) { try await keys.revoke(ID()) }
    }

    @Test func theListIsNewestFirstAndByOwner() async throws {
        for (name, owner) in [("a", "ada"), ("b", "bob"), ("c", "ada")] {
            _ = try await keys.create(name: name, owner: owner, scopes: [])
            time.advance(by: .seconds(1))
        }
        #expect(try await keys.list().map(\.name) == ["c", "b", "a"])
        #expect(try await keys.list(owner: "ada").map(\.name) == ["c", "a"])
        #expect(try await keys.list(owner: "nobody") == [])
    }

    @Test("the last use is written once a minute, not with each request")
    func lastUse() async throws {
        let new = try await keys.create(name: "busy", owner: "ada", scopes: [])
        func lastUse() async throws -> Timestamp? { try await keys.list().first?.lastUsedAt }
        #expect(try await lastUse() == nil)
        let first = time.now
        for _ in 0..<3 {
            _ = try await keys.verify(new.text.reveal())
            time.advance(by: .milliseconds(19_999))
            #expect(try await lastUse() == first)
        }
        time.advance(by: .seconds(1))
        let second = time.now
        _ = try await keys.verify(new.text.reveal())
        #expect(try await lastUse() == second)
        let otherProcess = APIKeyStore(database, time: time)
        time.advance(by: .seconds(59))
        _ = try await otherProcess.verify(new.text.reveal())
        #expect(try await lastUse() == second, "another process sees the row's time")
    }

    @Test(
        "a key that cannot be is refused with the rule",
        arguments: [
            ("", "ada", ["x"], 60), ("a\nb", "ada", ["x"], 60),
            (String(repeating: "n", count: 101), "ada", ["x"], 60),
            ("a", "", ["x"], 60), ("a", "ada", [""], 60), ("a", "ada", ["two words"], 60), ("a", "ada", ["é"], 60),
            ("a", "ada", Array(repeating: "x", count: 101), 60), ("a", "ada", ["x"], 0), ("a", "ada", ["x"], -5),
            ("a", "ada", ["x"], 400_000_000),
        ] as [(String, String, [String], Int)],
    )
    func badRequest(name: String, owner: String, scopes: [String], seconds: Int) async throws {
        let error = await #expect(throws: AccountsError.self) {
            try await keys.create(name: name, owner: owner, scopes: scopes, lifetime: .seconds(seconds))
        }
        #expect(error?.status == 422)
        #expect(try await keys.list() == [])
    }

    @Test func erasingAUserTakesAllKeysOfThatUserOnly() async throws {
        let ada = try await keys.create(name: "a", owner: "ada", scopes: [])
        _ = try await keys.create(name: "b", owner: "ada", scopes: [])
        let bob = try await keys.create(name: "c", owner: "bob", scopes: [])
        let count = try await database.transaction { [keys] in try keys.erase("ada", in: $0) }
        #expect(count == 2)
        await #expect(throws: AccountsError.badAPIKey) { try await keys.verify(ada.text.reveal()) }
        #expect(try await keys.verify(bob.text.reveal()).id == bob.key.id)
    }

    @Test("an erasure that is rolled back erases nothing")
    func erasureRollsBack() async throws {
        struct Stop: Error {}
        _ = try await keys.create(name: "a", owner: "ada", scopes: [])
        await #expect(throws: Stop.self) {
            try await database.transaction { [keys] transaction in
                try keys.erase("ada", in: transaction)
                throw Stop()
            }
        }
        #expect(try await keys.list().count == 1)
    }

    @Test("every request's question is answered by an index")
    func plans() async throws {
        let byHash = try await database.explain(
            "SELECT id FROM accounts_api_key WHERE hash = \([UInt8](repeating: 0, count: 32))"
        )
        #expect(byHash.contains("USING INDEX") || byHash.contains("Index Scan"), "\(byHash)")
        let byOwner = try await database.explain(
            "SELECT id FROM accounts_api_key WHERE owner = \("ada") ORDER BY created_at DESC, id DESC LIMIT 1000"
        )
        #expect(byOwner.contains("accounts_api_key_by_owner"), "\(byOwner)")
    }
}
