import Accounts
import Database
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Images

/// Pictures whose access another service decides.
@Suite(.timeLimit(.minutes(5))) struct RemoteAccessTests {
    private let service: PermissionServer
    private let time = ManualTime()
    private let eve = Principal(subject: "eve", organization: "acme")

    init() throws { service = try PermissionServer(.denied) }

    private func house(hasWorker: Bool = false) async throws -> House {
        try await House(time: time, hasWorker: hasWorker, permissionService: service.url)
    }

    private func allow(_ permissions: String...) {
        service.answer { permissions.contains($0["permission"]?.string ?? "") ? .allowed : .denied }
    }

    private var asked: [String] { service.questions.all.compactMap { $0["permission"]?.string } }

    @Test("a group is opened by the service, upload and read apart, with one question each")
    func group() async throws {
        let house = try await House(permissionService: service.url)
        allow("image:upload:group:dogs")
        let picture = PNG.plain(8, 8).bytes
        let id = try await house.process(picture, bucket: "org-acme/groups/dogs/", by: eve).id("image_id")
        let refused = try await house.get("/api/v1/images/\(id)", by: eve)
        #expect(refused.status == 403)
        #expect(refused.json["error"] == "Permission denied: image:read:group:dogs")
        let reader = Principal(subject: "rita", organization: "acme")
        allow("image:read:group:dogs")
        for _ in 0..<3 { #expect(try await house.get("/api/v1/images/\(id)", by: reader).status == 200) }
        #expect(try await house.upload(picture, bucket: "org-acme/groups/dogs/", by: reader).status == 403)
        #expect(try await house.get("/api/v1/images/batch?image_ids=\(id)", by: reader).json["found"] == 1)
        #expect(
            asked == [
                "image:upload:group:dogs", "image:read:group:dogs", "image:read:group:dogs", "image:upload:group:dogs",
            ]
        )
    }

    @Test("what stands in the token is not asked for")
    func claims() async throws {
        let house = try await house()
        let picture = PNG.plain(8, 8).bytes
        for (bucket, principal) in [
            ("org-acme/groups/cats/", Principal.alice), ("org-acme/groups/dogs/", .root), ("users/eve/", eve),
            ("org-acme/system/", eve), ("plain", .root),
            ("plain", Principal(subject: "ida", organization: "acme", permissions: ["image:upload"])),
        ] {
            #expect(try await house.upload(picture, bucket: bucket, by: principal).status == 202, "\(bucket)")
        }
        #expect(try await house.upload(picture, bucket: "org-other/groups/cats/", by: eve).status == 403)
        #expect(try await house.upload(picture, bucket: "users/alice/", by: eve).status == 403)
        #expect(service.calls.count == 0)
    }

    @Test("a plain bucket needs image:upload where a service knows it, as the original did")
    func plainBucket() async throws {
        let house = try await house()
        let refused = try await house.upload(PNG.plain(8, 8).bytes, bucket: "plain", by: eve)
        #expect(refused.status == 403 && refused.json["error"] == "Permission denied: image:upload")
        time.advance(by: .seconds(120))
        allow("image:upload")
        #expect(try await house.upload(PNG.plain(8, 8).bytes, bucket: "plain", by: eve).status == 202)
    }

    @Test("a picture of somebody else is deleted by whom the service calls an administrator")
    func delete() async throws {
        let house = try await House(permissionService: service.url)
        let picture = PNG.plain(8, 8).bytes
        let ids = [
            try await house.process(picture, bucket: "org-acme/system/", by: .root).id("image_id"),
            try await house.process(picture, bucket: "plain", by: .root).id("image_id"),
        ]
        for id in ids {
            let refused = try await house.delete("/api/v1/images/\(id)", by: eve)
            #expect(refused.status == 403 && refused.json["error"] == "You can only delete your own images.")
        }
        let admin = Principal(subject: "ada", organization: "acme")
        allow("image:admin", "image:delete")
        for id in ids { #expect(try await house.delete("/api/v1/images/\(id)", by: admin).status == 200) }
        #expect(asked == ["image:admin", "image:delete", "image:admin", "image:delete"])
    }

    @Test("a service that is away is 503 with Retry-After, and nobody's denial")
    func unavailable() async throws {
        let house = try await House(permissionService: service.url)
        let id = try await house.process(PNG.plain(8, 8).bytes, bucket: "org-acme/groups/cats/").id("image_id")
        service.answer(.status(500))
        for path in ["/api/v1/images/\(id)", "/api/v1/images/batch?image_ids=\(id)"] {
            let answer = try await house.get(path, by: eve)
            #expect(answer.status == 503)
            #expect(answer.json["error"] == "Authorization service temporarily unavailable")
            #expect(answer.headers["Retry-After"] == "1")
        }
        #expect(try await house.rows("SELECT id FROM image_event WHERE kind = 'access_denied'").isEmpty)
        #expect(try await house.get("/api/v1/images/\(id)").status == 200)
    }

    @Test("an open circuit shows in the health, closes by one good question, and shows that too")
    func health() async throws {
        let house = try await house()
        func circuit() async throws -> JSON? {
            let health = try await house.get("/api/v1/health/auth", by: nil).json
            #expect(health.fields == ["status", "auth_api", "cache", "config", "timestamp"])
            #expect(health["auth_api"]?["url"]?.string == service.url)
            #expect(health["cache"]?["enabled"] == true && health["cache"]?["redis_connection"] == "healthy")
            let circuit = health["auth_api"]?["circuit_breaker"]
            #expect((health["status"] == "healthy") == (circuit?["state"] == "closed"))
            return circuit
        }
        let closed: JSON = [
            "state": "closed", "failures": 0, "threshold": 5, "timeout_seconds": 60, "opened_at": .null,
        ]
        #expect(try await circuit() == closed)
        service.answer(.status(500))
        for _ in 0..<5 { _ = try await house.upload(PNG.plain(8, 8).bytes, bucket: "groups/dogs/", by: eve) }
        let open = try #require(try await circuit())
        #expect(open["state"] == "open" && open["failures"] == 5)
        #expect(open["opened_at"] == JSON(time.now))
        let refused = try await house.upload(PNG.plain(8, 8).bytes, bucket: "groups/dogs/", by: eve)
        #expect(refused.status == 503 && refused.headers["Retry-After"] == "60")
        #expect(service.calls.count == 5)
        time.advance(by: .seconds(60))
        #expect(try await circuit()?["state"] == "half_open")
        service.answer(.allowed)
        #expect(try await house.upload(PNG.plain(8, 8).bytes, bucket: "groups/dogs/", by: eve).status == 202)
        #expect(try await circuit() == closed)
    }

    @Test("an address that is signed needs no token and asks nobody")
    func signedAddress() async throws {
        let house = try await House(permissionService: service.url)
        let id = try await house.process(PNG.plain(8, 8).bytes, bucket: "org-acme/groups/cats/").id("image_id")
        let url = try #require(try await house.get("/api/v1/images/\(id)").json["url"]?.string)
        #expect(try await house.get(url, by: nil).status == 200)
        let path = String(url.prefix { $0 != "?" })
        #expect(try await house.get(path, by: nil).status == 401)
        #expect(try await house.get(path, by: eve).status == 403)
        #expect(asked == ["image:read:group:cats"])
    }
}
