import Accounts
import Database
import HTTPServer
import Jobs
import Kernel
import ObjectStore
import TestSupport
import Testing

@testable import Images

/// `POST /api/v1/images/upload`.
@Suite(.timeLimit(.minutes(5))) struct UploadTests {
    @Test func answers202WithTheFieldsAndHeadersOfTheOriginal() async throws {
        let house = try await House(hasWorker: false)
        let answer = try await house.upload(PNG.plain().bytes)
        #expect(answer.status == 202)
        #expect(answer.fields == ["job_id", "image_id", "status_url", "message"])
        #expect(answer.json["message"] == "Upload accepted. Processing initiated.")
        #expect(answer.json["status_url"]?.string == "/api/v1/images/jobs/\(try answer.id("job_id"))")
        for name in ["X-RateLimit-", "RateLimit-"] {
            #expect(answer[header: name + "Limit"] == "50")
            #expect(answer[header: name + "Remaining"] == "49")
        }
        let now = house.time.now.milliseconds / 1000
        let reset = try #require(answer[header: "X-RateLimit-Reset"].flatMap(Int64.init))
        #expect(reset > now - 1 && reset <= now + 3600 && reset % 3600 == 0)
        let left = try #require(answer[header: "RateLimit-Reset"].flatMap(Int64.init))
        #expect((0...3600).contains(left))
    }

    @Test func whoSendsNoTokenIsAskedForOneBeforeTheBodyIsRead() async throws {
        let house = try await House(hasWorker: false)
        let answer = try await house.upload(PNG.plain().bytes, by: nil)
        #expect(answer.status == 401)
        #expect(answer[header: "WWW-Authenticate"] == "Bearer")
        #expect(answer.json["status_code"] == 401)
        #expect(answer.json["code"] == "AUTH_001")
        #expect(answer.json["error"]?.string != nil)
    }

    @Test func badTokenIs401InTheShapeOfTheOriginal() async throws {
        let house = try await House(hasWorker: false)
        let answer = try await house.send(
            .post,
            "/api/v1/images/upload",
            by: nil,
            headers: ["Authorization": "Bearer e30.e30.bad"],
        )
        #expect(answer.status == 401)
        #expect(answer.json["status_code"] == 401 && answer.json["error"]?.string != nil)
    }

    @Test(
        "what a picture must not be is refused with the original's status",
        arguments: [
            ("text", 415, "UPLOAD_002"), ("empty", 422, "VAL_002"), ("cut", 422, "picture_truncated"),
            ("long", 413, "UPLOAD_001"), ("huge", 413, "picture_too_many_pixels"), ("svg", 415, "UPLOAD_002"),
        ],
    )
    func refuses(what: String, status: Int, code: String) async throws {
        let house = try await House(
            hasWorker: false,
            change: {
                $0.maxUploadBytes = 100_000
                $0.maxPixels = 20_000
            },
        )
        let bytes: [UInt8] =
            switch what {
            case "text": Array("not an image".utf8)
            case "empty": []
            case "cut": PNG.plain().bytes.dropLast(12)
            case "long": PNG.plain().bytes + [UInt8](repeating: 0, count: 100_000)
            case "huge": PNG.plain(160, 160).bytes
            default: Array("<svg xmlns=\"http://www.w3.org/2000/svg\"/>".utf8)
            }
        let answer = try await house.upload(bytes, filename: "picture.png")
        #expect(answer.status == status, "\(answer.text)")
        #expect(answer.json["code"]?.string == code)
        #expect(answer.json["status_code"]?.integer == Int64(status))
        #expect(try await house.objects.list(prefix: "", limit: 10).objects.isEmpty)
        #expect(try await house.rows("SELECT subject FROM image_upload_slice").isEmpty, "a refusal costs no quota")
    }

    @Test func unsupportedTypeIsNamedAsTheOriginalDid() async throws {
        let house = try await House(hasWorker: false)
        let answer = try await house.upload(Array("not an image".utf8))
        let error = try #require(answer.json["error"]?.string)
        #expect(error.hasPrefix("Unsupported file type: text/plain. Allowed: image/jpeg, image/png, image/webp"))
    }

    @Test("a form without its fields is 422 with details", arguments: ["file", "bucket"])
    func missingField(name: String) async throws {
        let house = try await House(hasWorker: false)
        let field = name == "file" ? "bucket" : "file\"; filename=\"a.png"
        let form = "--limit\r\nContent-Disposition: form-data; name=\"\(field)\"\r\n\r\nx\r\n--limit--\r\n"
        let answer = try await house.send(
            .post,
            "/api/v1/images/upload",
            headers: ["Content-Type": "multipart/form-data; boundary=limit"],
            body: Array(form.utf8),
        )
        #expect(answer.status == 422)
        #expect(answer.json["details"]?.array?.first?["loc"] == [.string(name)])
    }

    @Test func brokenMetadataCountsAsNoneAndTheAnswerSaysSo() async throws {
        let house = try await House()
        for broken in ["{not json", "[1]", "\"text\"", "{\"a\":\"\(String(repeating: "x", count: 17_000))\"}"] {
            let answer = try await house.upload(PNG.plain().bytes, metadata: broken)
            #expect(answer.status == 202)
            #expect(answer.json["warnings"]?.array?.count == 1)
            let job = try await house.finished(answer.id("job_id"))
            #expect(job["status"] == "completed")
        }
    }

    @Test func clientCannotOverwriteWhatTheServerKnows() async throws {
        let house = try await House()
        let claim = #"{"context":"test","uploader_id":"mallory","variants":{},"org_id":"evil"}"#
        let job = try await house.process(PNG.plain().bytes, metadata: claim)
        let result = try await house.get("/api/v1/images/jobs/\(job.id("job_id"))/result").json
        let metadata = try #require(result["metadata"])
        #expect(metadata["context"] == "test")
        #expect(metadata["uploader_id"] == "alice")
        #expect(metadata["org_id"] == "acme")
        #expect(metadata["detected_mime_type"] == "image/png")
        #expect(metadata["original_filename"] == "picture.png")
        #expect(metadata["content_length"]?.integer == Int64(PNG.plain().bytes.count))
        #expect(metadata["client_id"] == "image-api-v1")
        #expect(metadata["upload_timestamp"]?.string?.hasSuffix("Z") == true)
        #expect(metadata["variants"]?.fields == ["thumbnail", "medium", "large", "original"])
    }

    @Test func fileThatWasSpooledToDiskIsProcessedLikeOneInMemory() async throws {
        let house = try await House()
        let picture = PNG.scene(3, 300, 200).bytes
        #expect(picture.count > 65_536)
        let job = try await house.process(picture)
        #expect(job["status"] == "completed")
        #expect(job["variants"]?["original"]?["width"] == 300)
    }

    @Test func fullDiskIs507() async throws {
        struct Full: Failure {
            var status: Int { 507 }
            var code: String { "disk_low" }
            var message: String { "No room." }
        }
        let house = try await House(hasWorker: false, requireRoom: { throw Full() })
        let answer = try await house.upload(PNG.plain().bytes)
        #expect(answer.status == 507)
        #expect(answer.json["status_code"] == 507)
    }

    @Test("20: the job was there before its file, and a crash between left one that waited for ever")
    func withoutItsFileThereIsNoJob() async throws {
        let fault = Fault()
        let house = try await House(hasWorker: false, wrap: { FaultyObjects(inner: $0, writeFault: fault) })
        fault.isOn = true
        let answer = try await house.upload(PNG.plain().bytes)
        #expect(answer.status == 507)
        #expect(answer.json["code"] == "storage_full")
        for table in ["image", "job", "image_event", "image_upload_slice"] {
            #expect(try await house.rows("SELECT 1 AS one FROM \(identifier: table)").isEmpty, "\(table)")
        }
        fault.isOn = false
        #expect(try await house.upload(PNG.plain().bytes).status == 202)
    }

    @Test func fullQueueIs503WithRetryAfterAndKeepsNothing() async throws {
        let house = try await House(hasWorker: false, maxWaitingJobs: 1)
        #expect(try await house.upload(PNG.plain().bytes).status == 202)
        let refused = try await house.upload(PNG.plain().bytes)
        #expect(refused.status == 503)
        #expect(refused[header: "Retry-After"] == "10")
        #expect(try await house.objects.list(prefix: "staging/", limit: 10).objects.count == 1)
        let used: Int? = try await house.rows("SELECT uploads FROM image_upload_slice").first?.get("uploads")
        #expect(used == 1)
    }

    @Test func unknownAddressAndWrongMethodHaveTheOriginalsShapeToo() async throws {
        let house = try await House(hasWorker: false)
        let unknown = try await house.get("/api/v1/images/a/b/c")
        #expect(unknown.status == 404)
        #expect(unknown.json["status_code"] == 404 && unknown.json["error"]?.string != nil)
        let wrong = try await house.send(.put, "/api/v1/images/upload")
        #expect(wrong.status == 405)
        #expect(wrong.json["status_code"] == 405)
        #expect(wrong[header: "Allow"]?.contains("POST") == true)
    }
}
