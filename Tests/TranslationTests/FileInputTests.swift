import Archives
import Database
import HTTPServer
import Imaging
import Kernel
import ObjectStore
import TestSupport
import Testing

@testable import Translation

/// Archives, documents and animations as input, and files that mean harm.
@Suite(.timeLimit(.minutes(5))) struct FileInputTests {
    private func zipped(_ files: [(String, [UInt8])], deflates: Bool = false) -> [UInt8] {
        let writer = ZIPWriter()
        return files.flatMap { writer.add($0.0, $0.1, deflates: deflates, modified: 1_700_000_000) } + writer.finish()
    }

    /// The task's result, as soon as it is finished.
    private func result(of answer: Answer, _ house: TranslationHouse) async throws -> JSON {
        #expect(answer.status == 200, "\(answer.text)")
        let id = try #require(answer.json["task_id"]?.string)
        return try await house.finished("/api/v1/translate/result/\(id)")
    }

    private func names(_ result: JSON) -> [String?]? {
        result["partial_results"]?.array?.map { $0["file_name"]?.string }
    }

    private func nothingIsLeft(in house: TranslationHouse) async throws {
        #expect(try await house.database.query("SELECT id FROM translation_task").isEmpty)
        #expect(try await house.database.query("SELECT id FROM translation_image").isEmpty)
        #expect(try await house.objects.list(prefix: "").objects.isEmpty)
    }

    // MARK: Archives

    /// In memory and on the disk: small files of a form never reach it.
    @Test(arguments: [false, true])
    func everyPictureOfAnArchiveInTheOrderOfPages(isLong: Bool) async throws {
        let house = try await TranslationHouse()
        var files = [
            ("comic/page 10.png", house.picture("cat")), ("comic/page 2.png", house.picture("world")),
            ("comic/Page 1.png", house.picture("hello")), ("ComicInfo.xml", Array("<ComicInfo/>".utf8)),
            ("__MACOSX/comic/._page 2.png", [0, 5, 22, 7]), ("comic/Thumbs.db", [1, 2, 3]),
        ]
        if isLong { files.append(("notes.txt", (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) })) }
        let answer = try await house.translate([("comic.cbz", zipped(files))], field: "file")
        let result = try await result(of: answer, house)
        #expect(names(result) == ["comic/Page 1.png", "comic/page 2.png", "comic/page 10.png"])
        let texts = result["partial_results"]?.array?.map { $0["translated_text"]?.string }
        #expect(texts == ["hola", "mundo", "gato"])
        let skipped = answer.json["skipped"]?.array ?? []
        #expect(skipped.first?["name"] == "ComicInfo.xml")
        #expect(skipped.first?["reason"]?.string?.isEmpty == false)
        #expect(skipped.count == (isLong ? 2 : 1), "what systems leave in archives is not worth a word")
        let id = try #require(answer.json["task_id"]?.string)
        let original = try await house.get("/api/v1/translate/result/\(id)/images/1/original")
        #expect(original.body == files[1].1)
        #expect(original.headers["Content-Disposition"]?.contains("\"page 2.png\"") == true)
    }

    @Test func anArchiveGoesInAndAnArchiveComesOut() async throws {
        let house = try await TranslationHouse()
        let archive = zipped([("b/2.jpg.png", house.picture("world")), ("a.png", house.picture("hello"))])
        let answer = try await house.translate([("a.zip", archive), ("alone.png", house.picture("cat"))])
        let result = try await result(of: answer, house)
        #expect(names(result) == ["a.png", "b/2.jpg.png", "alone.png"])
        let id = try #require(answer.json["task_id"]?.string)
        let reader = try ZIPReader(bytes: try await house.get("/api/v1/translate/result/\(id)/archive").body)
        var found: [String: String] = [:]
        while let entry = try reader.next() {
            found[entry.name] = String(decoding: try reader.contents(), as: UTF8.self)
        }
        #expect(
            found == [
                "1-a.spanish.png": "es: hola", "2-b_2.jpg.spanish.png": "es: mundo", "3-alone.spanish.png": "es: gato",
            ]
        )
    }

    @Test func anArchiveInBase64AndAtAnAddress() async throws {
        let house = try await TranslationHouse(networks: ["127.0.0.1/32"])
        let archive = zipped([("a.png", house.picture("hello"))])
        let server = try LocalServer { router in
            router.get("/a.zip") { _ in Response(status: 200, body: .bytes(archive)) }
        }
        let body: JSON = [
            "target_language": "es", "images": [["data": JSON(archive.base64)], ["url": JSON("\(server.url)/a.zip")]],
        ]
        let answer = try await house.send(.post, "/api/v1/translate", body)
        #expect(names(try await result(of: answer, house)) == ["a.png", "a.png"])
    }

    @Test func anArchiveWithinAnArchiveIsLeftOut() async throws {
        let house = try await TranslationHouse()
        let inner = zipped([("b.png", house.picture("world"))])
        let pdf = try house.fixture("two-pages.pdf")
        let archive = zipped([("a.png", house.picture("hello")), ("inner.zip", inner), ("menu.pdf", pdf)])
        let answer = try await house.translate([("a.zip", archive)])
        #expect(names(try await result(of: answer, house)) == ["a.png"])
        let reasons = answer.json["skipped"]?.array?.map { $0["reason"]?.string ?? "" } ?? []
        #expect(reasons.count == 2)
        #expect(reasons.allSatisfy { $0.contains("by itself") }, "\(reasons)")
        let nothing = try await house.translate([("b.zip", zipped([("inner.zip", inner)]))])
        #expect(nothing.status == 400)
        #expect(nothing.json["detail"]?.string?.contains("no picture") == true, "\(nothing.text)")
    }

    @Test func limitsCountWhatIsInArchives() async throws {
        let house = try await TranslationHouse { settings in
            settings.maxFileBytes = 60_000
            settings.maxTotalBytes = 150_000
            settings.maxImages = 3
        }
        let picture = house.picture("hello")
        #expect(picture.count > 20_000 && picture.count < 60_000)
        func files(_ count: Int, _ bytes: [UInt8]) -> [(String, [UInt8])] { (0..<count).map { ("\($0).png", bytes) } }
        let two = zipped(files(2, PNG.plain().bytes))
        let four = try await house.translate([("a.zip", two), ("b.zip", two)])
        #expect(four.status == 400)
        #expect(four.json["code"] == "TOO_MANY_FILES")
        let padded = picture + [UInt8](repeating: 0, count: 59_000 - picture.count)
        let long = try await house.translate([("a.zip", zipped(files(3, padded), deflates: true))])
        #expect(long.status == 413, "unpacked they are longer than all pictures may be together: \(long.text)")
        let huge = picture + [UInt8](repeating: 0, count: 60_001 - picture.count)
        let tooLarge = try await house.translate([("a.zip", zipped(files(1, huge), deflates: true))])
        #expect(tooLarge.status == 413, "\(tooLarge.text)")
        #expect(tooLarge.json["code"] == "FILE_TOO_LARGE")
        let sent = try await house.translate([
            ("a.zip", [UInt8]("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 160_000))
        ])
        #expect(sent.status == 413)
        #expect(sent.json["detail"]?.string?.contains("together") == true, "the limit that counts: \(sent.text)")
        try await nothingIsLeft(in: house)
    }

    @Test func whatIsLeftOutOfAnArchiveMayBeLarge() async throws {
        let house = try await TranslationHouse { $0.maxFileBytes = 60_000 }
        let film = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        let answer = try await house.translate([
            ("a.zip", zipped([("film.mp4", film), ("a.png", house.picture("hello"))]))
        ])
        #expect(names(try await result(of: answer, house)) == ["a.png"])
        #expect(answer.json["skipped"]?.array?.map { $0["name"]?.string } == ["film.mp4"])
    }

    @Test(arguments: ["encrypted", "link", "path", "broken", "torn", "cut", "rar", "bomb", "liar"])
    func archivesThatMeanHarmAreRefused(_ kind: String) async throws {
        let house = try await TranslationHouse()
        let picture = house.picture("hello")
        var entry = CraftedZIP.Entry("b.png", house.picture("world"))
        var bytes: [UInt8]?
        switch kind {
        case "encrypted": entry.flags = 1
        case "link": entry.mode = 0o120777
        case "path": entry.name = Array("../../b.png".utf8)
        case "broken": entry.checksum = 5
        case "torn":
            bytes = zipped([("a.png", picture), ("b.png", picture)], deflates: true)
            let head = bytes?.indices.last { bytes?[$0...].starts(with: Array("PK\u{3}\u{4}".utf8)) == true }
            bytes?[try #require(head)] = 0
        case "rar": bytes = Array("Rar!\u{1A}\u{7}\u{1}".utf8) + [UInt8](repeating: 0, count: 600)
        case "bomb":
            let small = PNG.plain().bytes
            bytes = zipped(
                [("a.png", small), ("b.png", small + [UInt8](repeating: 0, count: 9 << 20))],
                deflates: true,
            )
        case "liar":
            let zeros = picture + [UInt8](repeating: 0, count: 100_000)
            bytes = lying(
                zipped([("a.png", picture), ("b.png", zeros)], deflates: true),
                about: "b.png",
                size: 40_000,
            )
        default: break
        }
        let crafted = CraftedZIP([CraftedZIP.Entry("a.png", picture), entry]).bytes
        let archive = bytes ?? (kind == "cut" ? Array(crafted.dropLast(30)) : crafted)
        let answer = try await house.translate([("archive.zip", archive)])
        #expect([400, 413].contains(answer.status), "\(answer.text)")
        #expect(answer.json["detail"]?.string?.hasPrefix("archive.zip: ") == true, "\(answer.text)")
        if kind == "torn" { #expect(answer.json["detail"]?.string?.contains("damaged") == true, "\(answer.text)") }
        try await nothingIsLeft(in: house)
    }

    /// Another size at both places where an archive says one.
    private func lying(_ archive: [UInt8], about name: String, size: Int) -> [UInt8] {
        var bytes = archive
        let size = (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
        for (mark, sizeOffset, nameOffset) in [([1, 2], 24, 46), ([3, 4], 22, 30)] as [([UInt8], Int, Int)] {
            let head = Array("PK".utf8) + mark
            for place in bytes.indices.dropLast(nameOffset) where bytes[place...].starts(with: head) {
                guard bytes[(place + nameOffset)...].starts(with: name.utf8) else { continue }
                bytes.replaceSubrange(place + sizeOffset..<place + sizeOffset + 4, with: size)
            }
        }
        return bytes
    }

    // MARK: Documents

    @Test func aDocumentsPagesBecomePictures() async throws {
        let house = try await TranslationHouse()
        let pdf = try house.fixture("two-pages.pdf")
        let document = PDFDocument(limits: ImageLimits()) { pdf }
        house.spoken.say("hello", on: try document.png(ofPage: 0))
        house.spoken.say("world", on: try document.png(ofPage: 1))
        let result = try await result(of: try await house.translate([("menu.pdf", pdf)], field: "file"), house)
        #expect(names(result) == ["menu-1.png", "menu-2.png"])
        #expect(result["partial_results"]?.array?.map { $0["translated_text"]?.string } == ["hola", "mundo"])
        let small = try await TranslationHouse { $0.maxImages = 1 }
        let tooMany = try await small.translate([("menu.pdf", pdf)])
        #expect(tooMany.status == 400)
        #expect(tooMany.json["code"] == "TOO_MANY_FILES")
    }

    /// Its list of pages has one, and says that it has a million.
    @Test func aDocumentIsNotBelievedHowManyPagesItHas() async throws {
        let house = try await TranslationHouse()
        var pdf = Array("%PDF-1.4\n".utf8)
        var offsets: [Int] = []
        for object in [
            "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1000000>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        ] {
            offsets.append(pdf.count)
            pdf += Array("\(offsets.count) 0 obj\(object)endobj\n".utf8)
        }
        let start = pdf.count
        let lines = offsets.map { String(String($0 + 10_000_000_000).dropFirst()) + " 00000 n \n" }
        pdf += Array("xref\n0 4\n0000000000 65535 f \n\(lines.joined())".utf8)
        pdf += Array("trailer<</Size 2000000/Root 1 0 R>>\nstartxref\n\(start)\n%%EOF".utf8)
        let file = pdf
        #expect(try PDFDocument(limits: ImageLimits()) { file }.countPages() == 1_000_000)
        let error = await #expect(throws: TranslationError.self, "before anything is made for each page") {
            try await house.translation.unpacker.content(of: UploadedFile(filename: "menu.pdf", bytes: file))
        }
        #expect(error?.code == "TOO_MANY_FILES")
        #expect(try await house.translate([("menu.pdf", file)]).json["code"] == "TOO_MANY_FILES")
    }

    @Test func aDocumentThatCannotBeOpenedSaysWhy() async throws {
        let house = try await TranslationHouse()
        let broken = Array(try house.fixture("two-pages.pdf").prefix(300))
        let answer = try await house.translate([("menu.pdf", broken)])
        #expect(answer.status == 400)
        #expect(answer.json["detail"]?.string?.contains("password") == true, "\(answer.text)")
        try await nothingIsLeft(in: house)
    }

    // MARK: Animations

    @Test(arguments: ["animated.gif", "animated.webp", "two-pages.tiff", "animated.avif", "metadata.webp"])
    func ofAnAnimationTheFirstFrameIsTranslatedAndTheResultSaysSo(_ name: String) async throws {
        let house = try await TranslationHouse()
        let bytes = try house.fixture(name)
        let format = try #require(ImageFormat(firstBytes: bytes))
        let isAccepted = ImageFormat.accepted.contains(format)
        let kept = isAccepted ? bytes : try PictureConversion.png(from: bytes, limits: ImageLimits())
        house.spoken.say("hello", on: kept)
        let answer = try await house.translate([(name, bytes)])
        let result = try await result(of: answer, house)
        let flags = result["partial_results"]?.array?.first?["flags"]?.array ?? []
        let isAnimated = name != "metadata.webp"
        #expect(flags.contains("first_only") == isAnimated, "\(flags)")
        #expect(flags.contains("machine_translation"))
        guard isAnimated, let id = answer.json["task_id"]?.string else { return }
        let edited = try await house.send(
            .patch,
            "/api/v1/translate/result/\(id)/images/0/blocks",
            ["blocks": [["id": 0, "translation": "buenas"]]],
        )
        #expect(edited.json["flags"]?.array?.contains("first_only") == true, "a drawing anew keeps it: \(edited.text)")
    }

    // MARK: Harm

    /// 400 megapixels: when its pixels were looked at, it would be damaged and not too large.
    @Test func aBombIsRefusedByItsHeader() async throws {
        let house = try await TranslationHouse()
        var bomb = house.picture("hello")
        bomb.replaceSubrange(16..<24, with: [0, 0, 0x4E, 0x20, 0, 0, 0x4E, 0x20])
        for (name, bytes) in [("bomb.png", bomb), ("bomb.zip", zipped([("bomb.png", bomb)]))] {
            let answer = try await house.translate([(name, bytes)])
            #expect(answer.status == 413, "\(answer.text)")
            #expect(answer.json["detail"]?.string?.contains("20000 x 20000") == true, "\(answer.text)")
        }
        try await nothingIsLeft(in: house)
    }

    /// The server itself is allowed here, and what it leads to is not.
    @Test(arguments: [
        "http://169.254.169.254/latest/meta-data", "http://10.0.0.1/a.png", "http://[::ffff:169.254.169.254]/",
        "http://127.0.0.2/a.png", "file:///etc/passwd", "/again",
    ])
    func aRedirectToAnAddressThatIsNotPublicIsRefused(_ target: String) async throws {
        let house = try await TranslationHouse(networks: ["127.0.0.1/32"])
        let picture = house.picture("hello")
        let followed = Tally()
        let server = try LocalServer { router in
            router.get("/a.png") { _ in Response(status: 200, body: .bytes(picture)) }
            router.get("/good") { _ in Response(status: 302, headers: ["Location": "/a.png"]) }
            router.get("/again") { _ in
                followed.add()
                return Response(status: 302, headers: ["Location": "/again"])
            }
            router.get("/bad") { _ in Response(status: 302, headers: ["Location": target]) }
        }
        func ask(_ path: String) async throws -> Answer {
            let body: JSON = ["target_language": "es", "images": [["url": JSON("\(server.url)\(path)")]]]
            return try await house.send(.post, "/api/v1/translate", body)
        }
        let refused = try await ask("/bad")
        #expect(refused.status == 400, "\(refused.text)")
        #expect(refused.json["code"] == "unreachable")
        #expect(followed.count <= 3)
        try await nothingIsLeft(in: house)
        #expect(try await ask("/good").status == 200, "redirects are followed where they may be")
    }
}

/// The order in which people count.
@Suite struct NaturalOrderTests {
    @Test func numbersCountAndCapitalsDoNot() {
        let names = [
            "page 10.png", "Page 2.png", "page 1.png", "a/2.png", "a.png", "a/10.png", "007.png", "7b.png", "8.png",
        ]
        let expected = [
            "007.png", "7b.png", "8.png", "a/2.png", "a/10.png", "a.png", "page 1.png", "Page 2.png", "page 10.png",
        ]
        #expect(names.inNaturalOrder() == expected)
        #expect(names.reversed().inNaturalOrder() == expected)
        #expect(["a0", "a00", "a"].inNaturalOrder() == ["a", "a0", "a00"])
        let long = (0..<3).map { "\($0)" + String(repeating: "9", count: 30) }
        #expect(long.reversed().inNaturalOrder() == long)
    }
}
