import Accounts
import Database
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Images

/// Four roles, three kinds of bucket, four verbs: through the routes.
@Suite(.timeLimit(.minutes(5))) struct AccessTests {
    private static let member = Principal(subject: "carol", organization: "acme", groups: ["cats"])
    private static let stranger = Principal(subject: "root", organization: "other", permissions: ["image:admin"])

    /// The status of upload, read, list (batch: how many of one are found) and delete.
    static let table: [(bucket: String, role: String, statuses: [Int])] = [
        ("org-acme/users/alice/", "anonymous", [401, 401, 0, 401]),
        ("org-acme/users/alice/", "owner", [202, 200, 1, 200]),
        ("org-acme/users/alice/", "member", [403, 403, 0, 403]),
        ("org-acme/users/alice/", "admin", [202, 200, 1, 200]),
        ("org-acme/users/alice/", "stranger", [403, 403, 0, 403]),
        ("org-acme/groups/cats/", "anonymous", [401, 401, 0, 401]),
        ("org-acme/groups/cats/", "owner", [202, 200, 1, 200]),
        ("org-acme/groups/cats/", "member", [202, 200, 1, 403]),
        ("org-acme/groups/cats/", "admin", [202, 200, 1, 200]),
        ("org-acme/groups/cats/", "stranger", [403, 403, 0, 403]),
        ("org-acme/system/", "anonymous", [401, 200, 1, 401]),
        ("org-acme/system/", "owner", [202, 200, 1, 200]),
        ("org-acme/system/", "member", [202, 200, 1, 403]),
        ("org-acme/system/", "admin", [202, 200, 1, 200]),
        ("org-acme/system/", "stranger", [403, 200, 1, 403]),
        ("plain", "anonymous", [401, 200, 1, 401]),
        ("plain", "owner", [202, 200, 1, 200]),
        ("plain", "member", [202, 200, 1, 403]),
        ("plain", "admin", [202, 200, 1, 200]),
    ]

    @Test(arguments: table)
    func matrix(row: (bucket: String, role: String, statuses: [Int])) async throws {
        let house = try await House()
        let role: Principal? =
            switch row.role {
            case "anonymous": nil
            case "owner": .alice
            case "member": Self.member
            case "admin": .root
            default: Self.stranger
            }
        let id = try await house.process(PNG.plain(8, 8).bytes, bucket: row.bucket).id("image_id")
        let upload = try await house.upload(PNG.plain(8, 8).bytes, bucket: row.bucket, by: role)
        let statuses = [
            upload.status,
            try await house.get("/api/v1/images/\(id)", by: role).status,
            Int(try await house.get("/api/v1/images/batch?image_ids=\(id)", by: role).json["found"]?.integer ?? -1),
            try await house.delete("/api/v1/images/\(id)", by: role).status,
        ]
        #expect(statuses == row.statuses, "\(row.role) at \(row.bucket)")
    }

    @Test("a bucket outside the grammar is 400", arguments: ["../etc", "/etc", "org-x/users/..", "a/b", "", "ä"])
    func badBucket(bucket: String) async throws {
        let house = try await House(hasWorker: false)
        let answer = try await house.upload(PNG.plain().bytes, bucket: bucket)
        #expect(answer.status == 400)
        #expect(answer.json["code"] == "VAL_001")
    }

    @Test func strictGrammarRefusesPlainNames() async throws {
        let house = try await House(hasWorker: false, change: { $0.strictBuckets = true })
        #expect(try await house.upload(PNG.plain().bytes, bucket: "plain").status == 400)
        #expect(try await house.upload(PNG.plain().bytes, bucket: "users/alice/").status == 202)
    }

    @Test func mismatchOfOrganisationsIsSaidInTheOriginalsWords() async throws {
        let house = try await House(hasWorker: false)
        let answer = try await house.upload(PNG.plain().bytes, bucket: "org-acme/system/", by: Self.stranger)
        #expect(answer.status == 403)
        #expect(answer.json["error"] == "Organization ID mismatch")
        let group = try await house.upload(PNG.plain().bytes, bucket: "groups/dogs/")
        #expect(group.json["error"] == "Permission denied: image:upload:group:dogs")
    }

    @Test func refusedReadLeavesAnEvent() async throws {
        let house = try await House()
        let id = try await house.process(PNG.plain(8, 8).bytes, bucket: "users/alice/").id("image_id")
        #expect(try await house.get("/api/v1/images/\(id)", by: .bob).status == 403)
        let rows = try await house.rows("SELECT actor FROM image_event WHERE kind = 'access_denied'")
        #expect(try rows.map { try $0.get("actor") as String } == ["bob"])
    }
}
