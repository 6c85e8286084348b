import Accounts
import Database
import FoundationEssentials
import HTTPServer
import Jobs
import Kernel
import Telemetry
import TestSupport
import Testing

@testable import Images

/// Pictures whose end is missing: refused, unless they are asked for.
@Suite(.timeLimit(.minutes(5))) struct LenientUploadTests {
    private static func half(_ name: String) throws -> [UInt8] {
        let tests = #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined()
        let bytes = Array(try Data(contentsOf: URL(filePath: "\(tests)/ImagingTests/Fixtures/\(name)")))
        return Array(bytes.prefix(bytes.count / 2))
    }

    @Test("half a file becomes four sizes", arguments: ["photo.jpg", "grey16.png", "lossy.webp", "animated.gif"])
    func halfFile(name: String) async throws {
        let house = try await House()
        let refused = try await house.upload(Self.half(name))
        #expect(refused.status == 422 && refused.json["code"] == "picture_truncated")
        #expect(try await house.rows("SELECT id FROM job").isEmpty, "nothing is tried")

        let accepted = try await house.upload(Self.half(name), lenient: "1")
        #expect(accepted.status == 202, "\(accepted.text)")
        #expect(accepted.json["warnings"]?.array?.count == 1)
        let job = try await house.finished(accepted.id("job_id"))
        #expect(job["status"] == "completed" && job["attempts"] == 1)
        #expect(job["variants"]?.fields == ["thumbnail", "medium", "large", "original"])
        let all = try await house.get("/api/v1/images/\(accepted.id("image_id"))/all").json
        #expect(all["metadata"]?["truncated"] == true)
    }

    @Test("it is asked for in the form or in the address", arguments: ["1", "true", "TRUE"])
    func bothPlaces(value: String) async throws {
        let house = try await House(hasWorker: false)
        let half = try Self.half("photo.jpg")
        #expect(try await house.upload(half, lenient: value).status == 202)
        let body =
            Array("--limit\r\nContent-Disposition: form-data; name=\"bucket\"\r\n\r\nx\r\n--limit\r\n".utf8)
            + Array("Content-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n".utf8) + half
            + Array("\r\n--limit--\r\n".utf8)
        let answer = try await house.send(
            .post,
            "/api/v1/images/upload?lenient=\(value)",
            headers: ["Content-Type": "multipart/form-data; boundary=limit"],
            body: body,
        )
        #expect(answer.status == 202)
    }

    @Test("no is the same as nothing", arguments: ["0", "false"])
    func declined(value: String) async throws {
        let house = try await House(hasWorker: false)
        #expect(try await house.upload(Self.half("photo.jpg"), lenient: value).status == 422)
    }

    @Test("anything else is 422 and names the field", arguments: ["2", "maybe", ""])
    func badValue(value: String) async throws {
        let house = try await House(hasWorker: false)
        let answer = try await house.upload(PNG.plain().bytes, lenient: value)
        #expect(answer.status == 422)
        #expect(answer.json["details"]?.array?.first?["loc"] == ["lenient"])
        #expect(try await house.rows("SELECT id FROM image").isEmpty)
    }

    @Test func wholeFileHasNoWarning() async throws {
        let house = try await House()
        let accepted = try await house.upload(PNG.plain().bytes, lenient: "1")
        #expect(accepted.json["warnings"] == nil)
        #expect(try await house.finished(accepted.id("job_id"))["status"] == "completed")
        let all = try await house.get("/api/v1/images/\(accepted.id("image_id"))/all").json
        #expect(all["metadata"]?["truncated"] == nil)
    }

    @Test func lenientAndStrictPicturesAreNoTwins() async throws {
        let house = try await House()
        let picture = PNG.scene(1, 300, 200).bytes
        let copied = house.metrics.counter("image_copied_total", "")
        for (lenient, copies) in [("0", 0.0), ("1", 0.0), ("1", 1.0), ("0", 2.0)] {
            let accepted = try await house.upload(picture, lenient: lenient)
            #expect(try await house.finished(accepted.id("job_id"))["status"] == "completed")
            #expect(copied.value() == copies)
        }
    }

    @Test func usedKeyWithOtherLeniencyIs422() async throws {
        let house = try await House(hasWorker: false)
        let picture = PNG.plain().bytes
        #expect(try await house.upload(picture, key: "k").status == 202)
        #expect(try await house.upload(picture, lenient: "0", key: "k").status == 202)
        let other = try await house.upload(picture, lenient: "1", key: "k")
        #expect(other.status == 422 && other.json["code"] == "idempotency_key_reused")
    }

    @Test func jobQueuedBeforeThereWasLeniencyIsStrict() throws {
        let id = ID<ImageRecord>()
        let old = try JSONDecoder().decode(MakeVariants.self, from: Data("{\"image\":\"\(id)\"}".utf8))
        #expect(old.image == id && !old.isLenient)
        let new = try JSONEncoder().encode(MakeVariants(image: id, isLenient: true))
        #expect(try JSONDecoder().decode(MakeVariants.self, from: new).isLenient)
    }
}
