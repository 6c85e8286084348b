import Accounts
import Database
import HTTPServer
import Kernel
import ObjectStore
import Telemetry
import TestSupport
import Testing

@testable import Images

/// `Idempotency-Key`, and equal bytes.
@Suite(.timeLimit(.minutes(5))) struct RepetitionTests {
    @Test func sameKeyReplaysTheAnswerAndCostsNothing() async throws {
        let house = try await House(hasWorker: false)
        let picture = PNG.plain().bytes
        let first = try await house.upload(picture, key: "order-66")
        let again = try await house.upload(picture, key: "order-66")
        #expect(again.status == 202 && again.json == first.json)
        #expect(again[header: "Idempotency-Replayed"] == "true" && first[header: "Idempotency-Replayed"] == nil)
        #expect(again[header: "X-RateLimit-Remaining"] == first[header: "X-RateLimit-Remaining"])
        #expect(try await house.rows("SELECT id FROM job").count == 1)
        #expect(try await house.objects.list(prefix: "", after: nil, limit: 9).objects.count == 1)
    }

    @Test("an upload whose commit may have happened keeps its file, and can be repeated")
    func unknownCommit() async throws {
        let house = try await House(backend: .postgresql, hasWorker: false)
        try await house.database.execute(
            """
            CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$
            """
        )
        try await house.database.execute(
            """
            CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON image DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION die()
            """
        )
        let lost = try await house.upload(PNG.plain().bytes, key: "k")
        #expect(lost.status == 503)
        #expect(lost[header: "Retry-After"] != nil)
        #expect(try await house.objects.list(prefix: "", after: nil, limit: 9).objects.count == 1)
        try await house.database.execute("DROP TRIGGER dies ON image")
        #expect(try await house.upload(PNG.plain().bytes, key: "k").status == 202)
        #expect(try await house.rows("SELECT id FROM image").count == 1)
    }

    @Test("another request with a used key is 422", arguments: ["bytes", "bucket", "metadata"])
    func otherRequest(what: String) async throws {
        let house = try await House(hasWorker: false)
        _ = try await house.upload(PNG.plain().bytes, key: "k")
        let other = try await house.upload(
            PNG.plain(64, 48, what == "bytes" ? [1, 2, 3] : [200, 30, 30]).bytes,
            bucket: what == "bucket" ? "other" : "test-uploads",
            metadata: what == "metadata" ? #"{"a":1}"# : nil,
            key: "k",
        )
        #expect(other.status == 422)
        #expect(other.json["code"] == "idempotency_key_reused")
        #expect(try await house.rows("SELECT id FROM image").count == 1)
    }

    @Test func keysBelongToTheirUser() async throws {
        let house = try await House(hasWorker: false)
        let first = try await house.upload(PNG.plain().bytes, key: "k")
        let theirs = try await house.upload(PNG.plain(9, 9).bytes, key: "k", by: .bob)
        #expect(theirs.status == 202 && theirs.json["image_id"] != first.json["image_id"])
    }

    @Test func repetitionIsAnsweredAlsoWhenTheQuotaIsUsedUp() async throws {
        let house = try await House(hasWorker: false, change: { $0.maxUploads = 1 })
        let first = try await house.upload(PNG.plain().bytes, key: "k")
        let again = try await house.upload(PNG.plain().bytes, key: "k")
        #expect(again.status == 202 && again.json["job_id"] == first.json["job_id"])
        #expect(try await house.upload(PNG.plain().bytes, key: "new").status == 429)
    }

    @Test("the same key twenty times at once is one picture", arguments: DatabaseBackend.allCases)
    func sameKeyAtOnce(backend: DatabaseBackend) async throws {
        let house = try await House(backend: backend, hasWorker: false)
        let picture = PNG.plain().bytes
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
            for _ in 0..<20 { group.addTask { try await house.upload(picture, key: "k") } }
            return try await group.reduce(into: [Answer]()) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.status == 202 })
        #expect(Set(answers.compactMap { $0.json["image_id"]?.string }).count == 1)
        #expect(try await house.rows("SELECT id FROM image").count == 1)
        let used: Int? = try await house.rows("SELECT uploads FROM image_upload_slice").first?.get("uploads")
        #expect(used == 1)
        #expect(try await house.objects.list(prefix: "staging/", after: nil, limit: 99).objects.count == 1)
    }

    @Test("a key is 1 to 255 printable characters", arguments: ["", "a b", String(repeating: "k", count: 256)])
    func badKey(key: String) async throws {
        let house = try await House(hasWorker: false)
        #expect(try await house.upload(PNG.plain().bytes, key: key).status == 422)
    }

    @Test func equalBytesAreEncodedOnceAndOtherOrganisationsForThemselves() async throws {
        let house = try await House()
        let picture = PNG.scene(1, 700, 500).bytes
        let encoded = house.metrics.counter("image_encoded_total", "", labels: ["size"])
        let copied = house.metrics.counter("image_copied_total", "")
        let first = try await house.process(picture)
        let second = try await house.process(picture, bucket: "elsewhere", by: .bob)
        #expect(first["image_id"] != second["image_id"])
        #expect(encoded.value("medium") == 1 && copied.value() == 1)
        #expect(first["variants"] == second["variants"])
        let id = try second.id("image_id")
        #expect(try await house.get("/api/v1/images/\(id)/direct?size=large").status == 200)

        let outsider = Principal(subject: "olga", organization: "other")
        _ = try await house.process(picture, by: outsider)
        #expect(encoded.value("medium") == 2 && copied.value() == 1)

        // Each has files of its own: deleting one leaves the other.
        #expect(try await house.delete("/api/v1/images/\(first.id("image_id"))").status == 200)
        #expect(try await house.get("/api/v1/images/\(id)/direct?size=large").status == 200)
    }

    @Test func twinThatIsBeingDeletedIsNotCopied() async throws {
        let house = try await House()
        let picture = PNG.scene(1, 700, 500).bytes
        let first = try await house.process(picture)
        // As somebody sees it who found the picture before its deletion and its sizes during it.
        try await house.database.execute("DELETE FROM image_variant WHERE name <> 'thumbnail'")
        let second = try await house.process(picture)
        #expect(second["variants"] == first["variants"])
        #expect(house.metrics.counter("image_copied_total", "").value() == 0)
    }
}
