import Foundation
import Kernel
import TestSupport
import Testing

/// The main road: a picture goes in by the original's own curl line, its variants come out.
@Suite(.timeLimit(.minutes(5)))
struct UploadJourneyTests {
    @Test func curlOfTheOriginalUploadsAndReadsBack() async throws {
        let server = try await RunningServer()
        let token = Client.token(sub: "test-user-123")
        let photo = "\(repositoryRoot)/Tests/ImagingTests/Fixtures/photo.jpg"
        let upload = try await runProgram([
            "/usr/bin/curl", "-sS", "-X", "POST", "\(server.url)/api/v1/images/upload",
            "-H", "Authorization: Bearer \(token)", "-F", "file=@\(photo)", "-F", "bucket=test-uploads",
            "-F", #"metadata={"context":"test"}"#,
        ])
        let accepted = try JSON(parsing: Array(upload.output.utf8))
        #expect(accepted["message"] == "Upload accepted. Processing initiated.")
        let job = try #require(accepted["job_id"]?.string)
        #expect(accepted["status_url"]?.string == "/api/v1/images/jobs/\(job)")

        let client = Client(server)
        #expect(try await client.finished(job: job)["status"] == "completed")
        let result = try await client.get("/api/v1/images/jobs/\(job)/result").json
        #expect(result["metadata"]?["context"] == "test")
        #expect(result["metadata"]?["uploader_id"] == "test-user-123")
        for size in ["thumbnail", "medium", "large", "original"] {
            #expect(result["urls"]?[size] != nil, "no \(size)")
        }
        let colour = try #require(result["metadata"]?["dominant_color"]?.string)
        #expect(colour.count == 7 && colour.hasPrefix("#"))

        let image = try #require(accepted["image_id"]?.string)
        let bytes = try await client.get("/api/v1/images/\(image)/direct?size=thumbnail")
        #expect(bytes.status == 200)
        #expect(bytes[header: "content-type"] == "image/webp")
        #expect(Array(bytes.body[8..<12]) == Array("WEBP".utf8))
    }

    @Test func developmentSecretOfTheOriginalIsAcceptedHereOnly() async throws {
        // No secret is set, so the well-known one of the original's examples counts, on this machine only.
        let server = try await RunningServer(environment: ["JWT_SECRET_KEY": nil])
        let photo = "\(repositoryRoot)/Tests/ImagingTests/Fixtures/photo.jpg"
        let token = Client.token(sub: "test-user-123", secret: "dev-secret-change-in-production")
        let line = [
            "/usr/bin/curl", "-sS", "-X", "POST", "\(server.url)/api/v1/images/upload",
            "-H", "Authorization: Bearer \(token)", "-F", "file=@\(photo)", "-F", "bucket=test-uploads",
            "-F", #"metadata={"context":"test"}"#,
        ]
        let accepted = try JSON(parsing: Array(try await runProgram(line).output.utf8))
        #expect(accepted["job_id"]?.string != nil, "\(accepted.text)")
        let throughAProxy = try await runProgram(line + ["-H", "X-Forwarded-For: 203.0.113.9"])
        #expect(try JSON(parsing: Array(throughAProxy.output.utf8))["status_code"] == 401)
    }

    @Test func tokenMadeByPyJWTIsAccepted() async throws {
        try #require(
            FileManager.default.isExecutableFile(atPath: testPython),
            "PyJWT is missing; run script/setup --test",
        )
        let server = try await RunningServer()
        let made = try await runProgram([
            testPython, "-c",
            "import jwt, sys; print(jwt.encode({'sub': 'test-user-123'}, sys.argv[1], algorithm='HS256'))",
            RunningServer.secret,
        ])
        let client = Client(server, token: made.output.trimmingCharacters(in: .whitespacesAndNewlines))
        #expect(try await client.upload(fixture("photo.jpg")).status == 202)
    }

    @Test func everyUrlOfAnAnswerCanBeFetched() async throws {
        let server = try await RunningServer()
        let client = Client(server)
        let state = try await client.process(fixture("photo.jpg"))
        let image = try #require(state["image_id"]?.string)
        let all = try await client.get("/api/v1/images/\(image)/all").json
        guard case .object(let urls) = try #require(all["urls"]) else { Issue.record("no urls"); return }
        #expect(urls.count == 4)
        for (name, url) in urls {
            let answer = try await client.get(url.string ?? "")
            #expect(answer.status == 200, "\(name)")
            let declared = all["metadata"]?["variants"]?[name]?["size_bytes"]?.integer
            #expect(declared == Int64(answer.body.count), "\(name)")
        }
    }

    @Test func equalFilesOfOneOrganisationAreEncodedOnce() async throws {
        let server = try await RunningServer()
        let client = Client(server)
        let first = try await client.process(fixture("photo.jpg"))
        let second = try await client.process(fixture("photo.jpg"))
        #expect(first["image_id"] != second["image_id"])
        #expect(try await metric("image_copied_total", client) == 1)
        let id = try #require(second["image_id"]?.string)
        #expect(try await client.get("/api/v1/images/\(id)/direct?size=large").status == 200)
    }

    @Test func idempotencyKeyReplaysTheAnswerAndRefusesAnotherBody() async throws {
        let server = try await RunningServer()
        let client = Client(server)
        let key = ["Idempotency-Key": "order-66"]
        let first = try await client.upload(fixture("photo.jpg"), headers: key)
        let again = try await client.upload(fixture("photo.jpg"), headers: key)
        #expect(first.status == 202 && again.status == 202)
        #expect(first.json["image_id"] == again.json["image_id"])
        #expect(again[header: "idempotency-replayed"] == "true")
        let other = try await client.upload(fixture("palette.png"), headers: key)
        #expect(other.status == 422)
        let stranger = Client(server, token: Client.token(sub: "someone-else"))
        let theirs = try await stranger.upload(fixture("photo.jpg"), headers: key)
        #expect(theirs.json["image_id"] != first.json["image_id"])
    }

    @Test func deletedPictureIsGoneEverywhere() async throws {
        let server = try await RunningServer()
        let client = Client(server)
        let state = try await client.process(fixture("photo.jpg"))
        let id = try #require(state["image_id"]?.string)
        let url = try #require(try await client.get("/api/v1/images/\(id)").json["url"]?.string)
        #expect(
            try await Client(server, token: Client.token(sub: "mallory")).delete("/api/v1/images/\(id)").status == 403
        )
        let deleted = try await client.delete("/api/v1/images/\(id)")
        #expect(deleted.status == 200)
        #expect(deleted.json["files_removed"] == 4)
        #expect(try await client.delete("/api/v1/images/\(id)").status == 404)
        for path in ["/api/v1/images/\(id)", "/api/v1/images/\(id)/all", "/api/v1/images/\(id)/direct", url] {
            #expect(try await client.get(path).status == 404, "\(path)")
        }
    }

    @Test func resultBeforeTheEndIs409() async throws {
        let server = try await RunningServer(arguments: ["--no-workers"])
        let client = Client(server)
        let accepted = try await client.upload(fixture("photo.jpg"))
        let job = try #require(accepted.json["job_id"]?.string)
        let result = try await client.get("/api/v1/images/jobs/\(job)/result")
        #expect(result.status == 409)
        #expect(result.json["error"] == "Processing not completed. Current status: pending")
        #expect(result.json["status_code"] == 409)
        #expect(result[header: "retry-after"] != nil)
    }

    @Test func similarPicturesAreFound() async throws {
        let server = try await RunningServer()
        let client = Client(server)
        let first = try await client.process(fixture("photo.jpg"))
        let copy = try await client.process(fixture("photo.jpg"))
        _ = try await client.process(fixture("palette.png"))
        let id = try #require(first["image_id"]?.string)
        let similar = try await client.get("/api/v1/images/\(id)/similar?max=10").json
        #expect(similar["similar"]?.array?.map { $0["image_id"] } == [copy["image_id"]])
    }
}

/// The Python of the tests, with what script/requirements-test.txt names.
private let testPython = "\(repositoryRoot)/.pictor/venv/bin/python3"

/// The value of a metric without labels.
func metric(_ name: String, _ client: Client) async throws -> Double? {
    let text = try await client.get("/metrics").text
    let line = text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
    return line.flatMap { Double($0.dropFirst(name.count + 1)) }
}
