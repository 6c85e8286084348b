import Accounts
import Database
import HTTPServer
import Kernel
import ObjectStore
import TestSupport
import Testing

@testable import Images

/// Looking at pictures: `/{id}`, `/all`, `/direct`, `/storage`, `/similar`.
@Suite(.timeLimit(.minutes(5))) struct ReadingTests {
    @Test func imageHasTheFieldsOfTheOriginal() async throws {
        let house = try await House()
        let id = try await house.process(PNG.scene(1, 700, 500).bytes).id("image_id")
        let answer = try await house.get("/api/v1/images/\(id)", by: nil)
        #expect(answer.status == 200)
        #expect(answer.fields == ["image_id", "url", "size", "metadata"])
        #expect(answer.json["size"] == "medium")
        #expect(answer.json["url"]?.string == "/storage/test-uploads/processed/medium/\(id)_medium.webp")
        #expect(answer.json["metadata"]?.fields == ["dominant_color", "dimensions"])
        let dimensions = try #require(answer.json["metadata"]?["dimensions"])
        #expect(dimensions.fields == ["width", "height", "aspect_ratio", "format", "size_bytes"])
        #expect(dimensions["width"] == 600)
        let thumbnail = try await house.get("/api/v1/images/\(id)?size=thumbnail", by: nil)
        #expect(thumbnail.json["metadata"]?["dimensions"]?["width"] == 150)
    }

    @Test func allListsEverySizeAndEachAddressAnswersItsBytes() async throws {
        let house = try await House()
        let id = try await house.process(PNG.scene(1, 700, 500).bytes).id("image_id")
        let all = try await house.get("/api/v1/images/\(id)/all", by: nil)
        #expect(all.fields == ["image_id", "urls", "metadata"])
        #expect(all.json["urls"]?.fields == ["thumbnail", "medium", "large", "original"])
        for name in ["thumbnail", "medium", "large", "original"] {
            let file = try await house.get(try #require(all.json["urls"]?[name]?.string), by: nil)
            #expect(file.status == 200)
            #expect(Array(file.body.prefix(4)) == Array("RIFF".utf8))
            #expect(all.json["metadata"]?["variants"]?[name]?["size_bytes"]?.integer == Int64(file.body.count))
        }
    }

    @Test("pictures that are not there are 404, unknown sizes 422", arguments: ["", "/all", "/direct", "/similar"])
    func absent(suffix: String) async throws {
        let house = try await House(hasWorker: false)
        let waiting = try await house.upload(PNG.plain().bytes).id("image_id")
        for id in ["00000000-0000-7000-8000-000000000000", "nonsense", waiting] {
            let answer = try await house.get("/api/v1/images/\(id)\(suffix)")
            #expect(answer.status == 404, "\(id)")
            #expect(answer.json["error"] == "Image not found")
        }
        if !suffix.isEmpty, suffix != "/direct" { return }
        let answer = try await house.get("/api/v1/images/\(waiting)\(suffix)?size=enormous")
        #expect(answer.status == 422)
        #expect(answer.json["details"]?.array?.first?["msg"]?.string?.contains("thumbnail, medium, large") == true)
    }

    @Test func sizesOfTheConfigurationCanBeAskedFor() async throws {
        let house = try await House(change: { $0.sizes = [("tiny", 20), ("hero", 40)] })
        let id = try await house.process(PNG.plain().bytes).id("image_id")
        #expect(try await house.get("/api/v1/images/\(id)?size=hero").json["size"] == "hero")
        #expect(try await house.get("/api/v1/images/\(id)?size=large").status == 404)
        #expect(try await house.delete("/api/v1/images/\(id)").json["files_removed"] == 2)
    }

    @Test func directServesBytesWithETagRangeAndHead() async throws {
        let house = try await House()
        let id = try await house.process(PNG.scene(2).bytes).id("image_id")
        let path = "/api/v1/images/\(id)/direct?size=thumbnail"
        let whole = try await house.get(path, by: nil)
        #expect(whole.status == 200)
        #expect(whole[header: "Content-Type"] == "image/webp")
        #expect(whole[header: "Cache-Control"] == "public, no-cache")
        #expect(whole[header: "X-Content-Type-Options"] == "nosniff")
        #expect(whole[header: "Content-Security-Policy"]?.contains("sandbox") == true)
        #expect(whole[header: "Content-Disposition"]?.contains("\(id)_thumbnail.webp") == true)
        let etag = try #require(whole[header: "ETag"])
        #expect(etag.hasPrefix("\""))

        let unchanged = try await house.get(path, by: nil, headers: ["If-None-Match": etag])
        #expect(unchanged.status == 304 && unchanged.body.isEmpty && unchanged[header: "ETag"] == etag)
        let part = try await house.get(path, by: nil, headers: ["Range": "bytes=8-11"])
        #expect(part.status == 206 && part.body == Array("WEBP".utf8))
        #expect(part[header: "Content-Range"] == "bytes 8-11/\(whole.body.count)")
        let beyond = try await house.get(path, by: nil, headers: ["Range": "bytes=9999999-"])
        #expect(beyond.status == 416)

        let head = try await house.send(.head, path, by: nil)
        #expect(head.status == 200 && head.body.isEmpty && head[header: "ETag"] == etag)
    }

    @Test func privatePictureIsForItsReadersAndItsSignedAddressForWhoHasIt() async throws {
        let time = ManualTime()
        let house = try await House(time: time)
        let id = try await house.process(PNG.plain().bytes, bucket: "org-acme/users/alice/").id("image_id")
        let direct = try await house.get("/api/v1/images/\(id)/direct")
        #expect(direct[header: "Cache-Control"] == "private, no-cache")
        let url = try #require(try await house.get("/api/v1/images/\(id)").json["url"]?.string)
        #expect(try await house.get(url, by: nil).status == 200)

        let plain = String(url.prefix { $0 != "?" })
        #expect(try await house.get(plain, by: nil).status == 401)
        #expect(try await house.get(plain, by: .bob).status == 403)
        #expect(try await house.get(plain).status == 200)

        for tampered in [
            url.replacing("medium", with: "large"), url.replacing("expires=1", with: "expires=2"),
            url.replacing("signature=", with: "signature=x"), String(url.dropLast()), plain + "?signature=x",
        ] {
            let answer = try await house.get(tampered, by: nil)
            #expect(answer.status == 403, "\(tampered)")
        }
        time.advance(by: .seconds(3601))
        let expired = try await house.get(url, by: nil)
        #expect(expired.status == 410)
        #expect(expired.json["code"] == "signature_expired")
    }

    @Test func addressOfAPrivatePictureStaysTheSameForAWhileAndHoldsAtLeastHalfAnHour() async throws {
        let time = ManualTime()
        let house = try await House(time: time)
        let id = try await house.process(PNG.plain().bytes, bucket: "users/alice/").id("image_id")
        let first = try await house.get("/api/v1/images/\(id)").json["url"]
        time.advance(by: .seconds(1700))
        #expect(try await house.get("/api/v1/images/\(id)").json["url"] == first)
        time.advance(by: .seconds(99))
        #expect(try await house.get(try #require(first?.string), by: nil).status == 200)
    }

    @Test func stagedFileAndOtherBucketsPathsAreNotServed() async throws {
        let house = try await House(hasWorker: false)
        let id = try await house.upload(PNG.plain().bytes).id("image_id")
        #expect(try await house.objects.list(prefix: "staging/", limit: 1).objects.count == 1)
        for path in [
            "/storage/staging/images/\(id)", "/storage/staging/\(id)", "/storage/test-uploads/staging/\(id)",
            "/storage/other/processed/medium/\(id)_medium.webp", "/storage/\(id)_medium.webp", "/storage/x",
        ] {
            let answer = try await house.get(path)
            #expect(answer.status == 404, "\(path)")
            #expect(answer.json["status_code"] == 404)
        }
    }

    @Test func similarPicturesAreListedNearestFirst() async throws {
        let house = try await House()
        let first = try await house.process(PNG.scene(1).bytes).id("image_id")
        let scaled = try await house.process(PNG.scene(1, 320, 240).bytes).id("image_id")
        let hidden = try await house.process(PNG.scene(1, 200, 150).bytes, bucket: "users/alice/").id("image_id")
        let hashes = try await house.rows("SELECT perceptual_hash FROM image WHERE perceptual_hash IS NOT NULL")
        try #require(hashes.count == 3)
        let answer = try await house.get("/api/v1/images/\(first)/similar?max=10", by: nil)
        #expect(answer.fields == ["image_id", "similar"])
        #expect(answer.json["similar"]?.array?.map { $0["image_id"]?.string } == [scaled])
        let own = try await house.get("/api/v1/images/\(first)/similar?max=10")
        #expect(own.json["similar"]?.array?.contains { $0["image_id"]?.string == hidden } == true)
        #expect(try await house.get("/api/v1/images/\(first)/similar?max=1").json["similar"]?.array?.count == 1)
        #expect(try await house.get("/api/v1/images/\(first)/similar?max=0").status == 422)
    }

    @Test func similarReadsAnIndexAlone() async throws {
        let house = try await House(hasWorker: false)
        let plan = try await house.database.explain(
            """
            SELECT id, perceptual_hash FROM image
            WHERE perceptual_hash IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT 100000
            """
        )
        let covering = ["COVERING INDEX image_by_likeness", "Index Only Scan Backward using image_by_likeness"]
        #expect(covering.contains { plan.contains($0) }, "\(plan)")
        #expect(!plan.contains("TEMP B-TREE") && !plan.contains("Sort"), "\(plan)")
    }
}
