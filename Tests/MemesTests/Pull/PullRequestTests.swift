import Accounts
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Memes

/// Who may pull what, and how that is said.
@Suite(.timeLimit(.minutes(5))) struct PullRequestTests {
    @Test(
        "what is wrong is told with its status and code",
        arguments: [
            (["source": "ftp://x/y"], 400, "invalid_source"), ([:], 400, "invalid_source"),
            (["source": "s3://"], 400, "invalid_source"), (["source": "local://"], 400, "invalid_source"),
            (["source": "local:///etc"], 403, "root_not_allowed"),
            (["source": "local:///no/such/folder"], 403, "root_not_allowed"),
            (["source": "s3://others/in"], 403, "bucket_not_allowed"),
            (["source": "s3://memes/in", "profile": "empty"], 424, "source_unavailable"),
            (["source": "s3://memes/in", "profile": "unknown"], 424, "source_unavailable"),
            (["source": "s3://memes/in", "batch_size": 0], 422, "invalid_parameter"),
            (["source": "s3://memes/in", "batchsize": 5], 422, "invalid_parameter"),
        ] as [(JSON, Int, String)],
    )
    func wrong(body: JSON, status: Int, code: String) async throws {
        let house = try await FakeBucket([]).house()
        let answer = try await house.send(.post, "/pull", body)
        #expect(answer.status == status, "\(answer.text)")
        #expect(answer.json["error_code"]?.string == code && answer.json["code"] == JSON(status))
        #expect(try await house.get("/pull").json["data"] == [], "nothing has begun")
    }

    @Test func aSourceThatRefusesIsToldAtOnce() async throws {
        let bucket = try FakeBucket([])
        let house = try await bucket.house()
        bucket.fail(listing: [.status(403, code: "AccessDenied")])
        let answer = try await house.send(.post, "/pull", ["source": "s3://memes/in"])
        #expect(answer.status == 424 && answer.json["error_code"] == "source_unavailable")
    }

    @Test func onlyWhoMayPullsAndSteers() async throws {
        let bucket = try FakeBucket([])
        let stranger = try await bucket.house(nil)
        #expect(try await stranger.send(.post, "/pull", ["source": "s3://memes/in"]).status == 401)
        #expect(try await stranger.get("/pull").status == 401)
        let other = try await bucket.house(Principal(subject: "other", permissions: ["read"]))
        let refused = try await other.send(.post, "/pull", ["source": "s3://memes/in"])
        #expect(refused.status == 403 && refused.json["msg"]?.string?.contains("pull") == true)
        let visitor = try await bucket.house(Principal(subject: "visitor", proof: .localVisit))
        #expect(try await visitor.send(.post, "/pull", ["source": "s3://memes/in"]).status == 401)
        #expect(try await visitor.get("/pull").status == 200)
    }

    @Test func theSameIsNotPulledTwiceAtOnce() async throws {
        let bucket = try FakeBucket([FakeBucket.Object(key: "in/a.png", bytes: [1])])
        let house = try await bucket.house()
        let gate = Gate()
        bucket.fail(fetching: [.hang(gate)])
        let body: JSON = ["source": "s3://memes/in"]
        let first = try await house.send(.post, "/pull", body, headers: ["Idempotency-Key": "one"])
        let job = first.json["job_id"]
        let second = try await house.send(.post, "/pull", body)
        #expect(second.status == 409 && second.json["job_id"] == job)
        #expect(second.json["error_code"] == "pull_already_running")
        let replay = try await house.send(.post, "/pull", body, headers: ["Idempotency-Key": "one"])
        #expect(replay.status == 200 && replay.json["job_id"] == job)
        #expect(replay.headers["Idempotency-Replayed"] == "true")
        let other = try await house.send(
            .post,
            "/pull",
            body.merging(["force": true]),
            headers: ["Idempotency-Key": "one"],
        )
        #expect(other.status == 422 && other.json["error_code"] == "idempotency_key_reused")
        gate.open()
        _ = try await house.end(of: first)
        #expect(try await house.send(.post, "/pull", body).status == 200, "the first has ended")
    }

    @Test func aDryRunBeginsNothing() async throws {
        let bucket = try FakeBucket((0..<3).map { FakeBucket.Object(key: "in/\($0).png") })
        let house = try await bucket.house()
        let answer = try await house.send(.post, "/pull", ["source": "s3://memes/in", "dry_run": true])
        #expect(answer.json["job_id"] == .null && answer.json["estimated_images"] == 3)
        #expect(try await house.get("/pull").json["data"] == [])
    }

    @Test func pullsAreListedPageByPage() async throws {
        let bucket = try FakeBucket([])
        let house = try await bucket.house()
        var jobs: [JSON] = []
        for folder in ["a", "b", "c"] {
            let begun = try await house.send(.post, "/pull", ["source": JSON("s3://memes/\(folder)")])
            _ = try await house.end(of: begun)
            jobs.insert(begun.json["job_id"] ?? .null, at: 0)
        }
        let first = try await house.get("/pull?limit=2").json
        #expect(first["data"]?.array?.compactMap { $0["job_id"] } == Array(jobs.prefix(2)))
        let rest = try await house.get("/pull?limit=2&cursor=\(first["cursor"]?.string ?? "")").json
        #expect(rest["data"]?.array?.compactMap { $0["job_id"] } == Array(jobs.suffix(1)))
        #expect(rest["cursor"] == .null)
        #expect(try await house.get("/pull/\(ID<Pull>())").status == 404)
    }
}
