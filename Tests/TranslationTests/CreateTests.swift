import Accounts
import Database
import HTTPServer
import Imaging
import Kernel
import ObjectStore
import TestSupport
import Testing

@testable import Translation

/// Taking in tasks: what the original accepted and refused, and what is new.
@Suite(.timeLimit(.minutes(5))) struct CreateTests {
    @Test func oneFileAsTheOriginalsClientsSendIt() async throws {
        let house = try await TranslationHouse()
        let picture = house.picture("hello world")
        let answer = try await house.translate([("test.jpg", picture)], field: "file")
        #expect(answer.status == 200)
        let id = try #require(answer.json["task_id"]?.string)
        #expect(answer.json["status"] == "pending")
        #expect(answer.json["estimated_processing_time"]?.integer ?? 0 >= 1)
        let result = try await house.finished("/api/v1/translate/result/\(id)")
        #expect(result["status"] == "completed")
        #expect(result["success"] == true)
        #expect(result["target_language"] == "Spanish")
        #expect(result["total_images"] == 1)
        #expect(result["completed_images"] == 1)
        let picture0 = try #require(result["partial_results"]?.array?.first)
        #expect(picture0["index"] == 0)
        #expect(picture0["status"] == "completed")
        #expect(picture0["translated_text"] == "hola mundo")
        #expect(picture0["error"] == .null)
        let created = try #require(result["created_at"]?.string)
        #expect(!created.hasSuffix("Z") && !created.contains("+"), "naive, as the original's: \(created)")
    }

    @Test func everyFieldOfTheOriginalIsThere() async throws {
        let house = try await TranslationHouse()
        let result = try await house.finished(try await house.begin(["hello"]))
        for field in [
            "task_id", "status", "success", "partial_results", "completed_images", "total_images", "target_language",
            "created_at", "started_at", "completed_at", "processing_time", "error", "estimated_wait_time",
        ] {
            #expect(result[field] != nil, "\(field)")
        }
        for field in ["index", "status", "translated_text", "error", "completed_at", "processing_time"] {
            #expect(result["partial_results"]?.array?.first?[field] != nil, "\(field)")
        }
    }

    @Test(arguments: ["Spanish", "spanish", "SPANISH", "es", "es-MX"])
    func languagesByNameAndCode(_ language: String) async throws {
        let house = try await TranslationHouse()
        let result = try await house.finished(try await house.begin(["good day"], [("target_language", language)]))
        #expect(result["partial_results"]?.array?.first?["translated_text"] == "buenos días")
    }

    @Test(arguments: [([], 403), (["metrics:read"], 403), (["translate"], 200)] as [([String], Int)])
    func aKeyNeedsTheScope(_ scopes: [String], _ status: Int) async throws {
        let key = Principal(subject: "asker", permissions: Set(scopes), proof: .apiKey(ID()))
        let house = try await TranslationHouse(principal: key)
        let answer = try await house.translate([("a.png", house.picture("hello"))], [("target_language", "es")])
        #expect(answer.status == status, "\(answer.text)")
    }

    @Test func aLanguageThatNobodyReachesIsRefusedWithWhoCould() async throws {
        let house = try await TranslationHouse()
        let answer = try await house.translate([("a.png", house.picture("hello"))], [])
        #expect(answer.status == 422, "Vietnamese is the standard, and no dictionary has it")
        #expect(answer.json["code"] == "unsupported_pair")
        #expect(answer.json["detail"]?.string?.contains("Vietnamese") == true)
        #expect(answer.json["providers"]?.array?.contains { $0.string?.hasPrefix("gemini") == true } == true)
        #expect(try await house.database.query("SELECT id FROM translation_task").isEmpty)
    }

    @Test func aLanguageThatCouldBeInstalledComesWithTheLineThatDoes() async throws {
        let house = try await TranslationHouse()
        let fields = [("source_language", "en"), ("target_language", "gl")]
        let answer = try await house.translate([("a.png", house.picture("hello"))], fields)
        #expect(answer.status == 422)
        #expect(answer.json["detail"]?.string?.contains("apt-get install apertium-en-gl") == true, "\(answer.text)")
    }

    @Test func aLanguageThatIsNone() async throws {
        let house = try await TranslationHouse()
        let answer = try await house.translate([("a.png", house.picture("x"))], [("target_language", "Klingon")])
        #expect(answer.status == 422)
        #expect(answer.json["detail"]?.string?.contains("Vietnamese") == true, "it says what there is")
    }

    @Test func limitsAreTheOriginals() async throws {
        let house = try await TranslationHouse { settings in
            settings.maxFileBytes = 80_000
            settings.maxTotalBytes = 150_000
        }
        let small = house.picture("hello")
        #expect(small.count < 60_000)
        #expect(try await house.translate([]).status == 400)
        let eleven = (0..<11).map { (name: "\($0).png", bytes: small) }
        let tooMany = try await house.translate(eleven)
        #expect(tooMany.status == 400)
        #expect(tooMany.json["code"] == "TOO_MANY_FILES")
        let padded = small + [UInt8](repeating: 0, count: 79_000 - small.count)
        #expect(try await house.translate([("a.png", padded), ("b.png", padded)]).status == 413)
        let huge = small + [UInt8](repeating: 0, count: 80_000)
        let tooLarge = try await house.translate([("a.png", huge)])
        #expect(tooLarge.status == 413)
        #expect(tooLarge.json["detail"]?.string?.isEmpty == false)
    }

    @Test func aFileThatIsNoPictureIsRefusedAndLeavesNothing() async throws {
        let house = try await TranslationHouse()
        let text = Array("no picture at all".utf8)
        let answer = try await house.translate([("a.png", house.picture("hello")), ("b.png", text)])
        #expect(answer.status == 400)
        #expect(answer.json["code"] == "INVALID_FILE_FORMAT")
        #expect(answer.json["detail"]?.string?.contains("b.png") == true)
        #expect(try await house.database.query("SELECT id FROM translation_task").isEmpty)
        #expect(try await house.database.query("SELECT id FROM translation_image").isEmpty)
        #expect(try await house.objects.list(prefix: "originals/").objects.isEmpty)
    }

    /// What is kept and read is a PNG of the same pixels.
    @Test(arguments: ["rgb.bmp", "lzw.tiff", "phone.heic", "phone.avif"])
    func scansAndPhotosOfPhonesBecomePNG(_ name: String) async throws {
        let house = try await TranslationHouse()
        let scan = try house.fixture(name)
        house.spoken.say("hello", on: try PictureConversion.png(from: scan, limits: ImageLimits()))
        let answer = try await house.translate([(name, scan)])
        #expect(answer.status == 200, "\(answer.text)")
        let id = try #require(answer.json["task_id"]?.string)
        let result = try await house.finished("/api/v1/translate/result/\(id)")
        #expect(result["partial_results"]?.array?.first?["translated_text"] == "hola")
        let original = try await house.get("/api/v1/translate/result/\(id)/images/0/original")
        #expect(original.status == 200)
        #expect(original.headers["Content-Type"] == "image/png")
        let stem = name.split(separator: ".")[0]
        #expect(
            original.headers["Content-Disposition"]?.contains("\(stem).png") == true,
            "as it is, not as it was sent",
        )
        #expect(result["partial_results"]?.array?.first?["file_name"] == JSON(name))
    }

    /// A file may be nearly as long as the limit, and longer as PNG.
    @Test func aPNGMayBeLongerThanWhatItBecameOf() async throws {
        let house = try await TranslationHouse { $0.maxFileBytes = 8_000 }
        let photo = try house.fixture("phone.heic")
        let png = try PictureConversion.png(from: photo, limits: ImageLimits())
        #expect(photo.count < 8_000 && png.count > 8_000)
        house.spoken.say("hello", on: png)
        let answer = try await house.translate([("a.heic", photo)])
        #expect(answer.status == 200, "\(answer.text)")
    }

    @Test func aBrokenScanIsRefused() async throws {
        let house = try await TranslationHouse()
        let answer = try await house.translate([("a.tiff", Array(try house.fixture("lzw.tiff").prefix(900)))])
        #expect(answer.status == 400)
        #expect(answer.json["code"] == "INVALID_FILE_FORMAT")
        #expect(try await house.database.query("SELECT id FROM translation_task").isEmpty)
    }

    @Test func picturesInBase64() async throws {
        let house = try await TranslationHouse()
        let answer = try await house.send(
            .post,
            "/api/v1/translate",
            [
                "target_language": "fr",
                "images": [
                    ["data": JSON(house.picture("hello").base64), "name": "one.png"],
                    ["data": JSON("data:image/png;base64," + house.picture("cat").base64)],
                ],
            ],
        )
        #expect(answer.status == 200, "\(answer.text)")
        let id = try #require(answer.json["task_id"]?.string)
        let result = try await house.finished("/api/v1/translate/result/\(id)")
        #expect(result["total_images"] == 2)
        #expect(result["partial_results"]?.array?[0]["file_name"] == "one.png")
    }

    @Test(arguments: [
        "http://127.0.0.1:1/a.png", "http://169.254.169.254/latest/meta-data", "http://[::1]/a.png",
        "http://localhost/a.png", "http://10.0.0.1/a.png", "file:///etc/passwd",
    ])
    func addressesThatAreNotPublicAreRefused(_ address: String) async throws {
        let house = try await TranslationHouse()
        let answer = try await house.send(
            .post,
            "/api/v1/translate",
            ["target_language": "es", "images": [["url": JSON(address)]]],
        )
        #expect([400, 422].contains(answer.status), "\(answer.text)")
        #expect(try await house.database.query("SELECT id FROM translation_task").isEmpty)
    }

    @Test func theSameRequestTwiceIsOneTask() async throws {
        let house = try await TranslationHouse()
        let picture = house.picture("hello")
        let headers: Headers = ["Idempotency-Key": "k1"]
        let first = try await house.translate([("a.png", picture)], headers: headers)
        let second = try await house.translate([("a.png", picture)], headers: headers)
        #expect(second.status == 200)
        #expect(second.json["task_id"] == first.json["task_id"])
        #expect(second.headers["Idempotency-Replayed"] == "true")
        let other = try await house.translate([("a.png", house.picture("cat"))], headers: headers)
        #expect(other.status == 422)
        #expect(other.json["code"] == "idempotency_key_reused")
        #expect(try await house.database.query("SELECT id FROM translation_task").count == 1)
        #expect(try await house.objects.list(prefix: "originals/").objects.count == 1)
    }

    @Test func whoIsNotSignedInAsksForNothing() async throws {
        let house = try await TranslationHouse(principal: nil)
        let answer = try await house.translate([("a.png", house.picture("hello"))])
        #expect(answer.status == 401)
        #expect(answer.json["detail"]?.string?.isEmpty == false)
        #expect(try await house.get("/api/v1/translate/languages").status == 200)
    }

    @Test func theTasksOfOthersAreNotThere() async throws {
        let house = try await TranslationHouse()
        let address = try await house.begin(["hello"])
        _ = try await house.finished(address)
        #expect(try await house.get(address, headers: ["X-Visitor": "stranger"]).status == 404)
        #expect(try await house.send(.delete, address, headers: ["X-Visitor": "stranger"]).status == 404)
        #expect(try await house.get(address).status == 200)
    }

    @Test func theOriginalsLanguagesComeFirst() async throws {
        let house = try await TranslationHouse()
        let answer = try await house.get("/api/v1/translate/languages").json
        let languages = try #require(answer["supported_languages"]?.array)
        #expect(answer["default"] == "Vietnamese")
        #expect(languages[0]["name"] == "Vietnamese")
        #expect(languages[4]["code"] == "chinese_simplified")
        #expect(languages[4]["name"] == "Chinese (Simplified)")
        #expect(languages.first { $0["bcp47"] == "es" }?["providers"] == ["embedded"])
        #expect(languages.first { $0["bcp47"] == "th" }?["providers"] == [])
    }
}
