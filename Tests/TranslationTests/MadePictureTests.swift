import Archives
import Database
import HTTPServer
import Images
import Imaging
import Kernel
import ObjectStore
import TestSupport
import Testing

@testable import Translation

/// Files that become pictures by a job: the answer to whoever sends them waits for no decoder.
@Suite(.timeLimit(.minutes(5))) struct MadePictureTests {
    private func keys(in house: TranslationHouse) async throws -> [String] {
        try await house.objects.list(prefix: "").objects.map(\.key.text)
    }

    private func address(of answer: Answer) throws -> String {
        "/api/v1/translate/result/\(try #require(answer.json["task_id"]?.string, "\(answer.text)"))"
    }

    @Test(
        "a file is kept as it was sent until its turn comes",
        arguments: [
            ("two-pages.pdf", 2), ("phone.heic", 1), ("phone.avif", 1), ("lzw.tiff", 1), ("rgb.bmp", 1),
        ],
    )
    func nothingIsDrawn(name: String, count: Int) async throws {
        let house = try await TranslationHouse(hasWorker: false)
        let file = try house.fixture(name)
        let address = try address(of: try await house.translate([(name, file)]))
        let keys = try await keys(in: house)
        #expect(keys.count == 1, "one file, however many pictures: \(keys)")
        let key = try #require(keys.first.flatMap { ObjectKey($0) })
        #expect(try await house.objects.get(key) == file)
        let result = try await house.get("\(address)?timeout=0").json
        #expect(result["total_images"]?.integer == Int64(count))
        for index in 0..<count {
            let picture = try #require(result["partial_results"]?.array?[index])
            #expect(picture["state"] == "queued" && picture["original_url"] == .null)
            #expect((picture["width"] == .null) == (count == 2), "a page has no size yet: \(picture)")
            #expect(try await house.get("\(address)/images/\(index)/original").status == 409)
        }
        #expect(try await house.send(.delete, address).status == 200)
        #expect(try await self.keys(in: house).isEmpty)
    }

    @Test(arguments: ["two-pages.pdf", "phone.heic"], DatabaseBackend.allCases)
    func whatWasSentStaysAsLongAsItsTask(name: String, backend: DatabaseBackend) async throws {
        let house = try await TranslationHouse(backend: backend)
        let answer = try await house.translate([(name, try house.fixture(name))])
        let address = try address(of: answer)
        let result = try await house.finished(address)
        #expect(result["success"] == true)
        for picture in result["partial_results"]?.array ?? [] {
            #expect(picture["original_url"]?.string?.isEmpty == false && picture["width"]?.integer ?? 0 > 0)
        }
        #expect(try await keys(in: house).contains { $0.hasPrefix("translations/sent/") })
        #expect(try await house.send(.delete, address).status == 200)
        #expect(try await keys(in: house).isEmpty)
    }

    /// Its header is right, what lies behind is none of its pixels.
    @Test func damageDeepInAFileFailsThatPictureOnce() async throws {
        let house = try await TranslationHouse()
        var bytes = try house.fixture("phone.heic")
        let data = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("mdat".utf8)) })
        for place in data + 4..<bytes.count { bytes[place] = 255 }
        let answer = try await house.translate([("a.heic", bytes), ("b.png", house.picture("hello"))])
        let address = try address(of: answer)
        let result = try await house.finished(address)
        let pictures = try #require(result["partial_results"]?.array)
        #expect(pictures[0]["state"] == "failed" && pictures[0]["error_code"] == "picture_corrupt", "\(pictures[0])")
        #expect(pictures[1]["translated_text"] == "hola")
        let row = try await house.database.first("SELECT attempt FROM job WHERE state = 'dead'")
        #expect(try row?.get("attempt", as: Int.self) == 1)
        #expect(try await house.send(.delete, address).status == 200)
        #expect(try await keys(in: house).isEmpty)
    }

    /// Of a process that was taken for dead: it stores what another one has stored by now.
    @Test func aSecondAttemptAtAPictureLeavesTheFileOfTheFirst() async throws {
        let house = try await TranslationHouse(hasWorker: false)
        let (id, file) = (ID<StoredPicture>(), house.picture("hello"))
        let policy = house.translation.parts.settings.storePolicy
        _ = try await house.images.store(file, as: id, policy)
        await #expect(throws: (any Error).self) { try await house.images.store(file, as: id, policy) }
        #expect(try await house.images.original(of: id) == file)
    }

    @Test func ofManyFilesFewAreInMemoryAndTheOthersComeBack() async throws {
        let time = ManualTime()
        let house = try await TranslationHouse(time: time)
        let (places, gate) = (house.translation.places, Gate())
        let width = places.free
        // Two lines of them: those that are decoded, and those that wait.
        let others = (0..<2 * width).map { _ in Task.immediate { try await places.hold { await gate.pass() } } }
        #expect(places.free == 0 && places.waiting == width)
        let answer = try await house.translate([("rgb.bmp", try house.fixture("rgb.bmp"))])
        while try await house.database.query("SELECT id FROM job WHERE state = 'delayed'").isEmpty {}
        let row = try await house.database.first("SELECT attempt - excused AS tries FROM job WHERE state = 'delayed'")
        #expect(try row?.get("tries", as: Int.self) == 0, "no try is lost")
        gate.open()
        for other in others { try await other.value }
        async let result = house.finished(try address(of: answer))
        time.advance(by: .seconds(3))
        #expect(try await result["success"] == true)
    }

    @Test func pagesAreCountedWhileAllDecodersAreBusy() async throws {
        let house = try await TranslationHouse(hasWorker: false)
        let (pool, gate) = (PictureConversion.outsidePool, Semaphore())
        let busy = (0..<pool.width).map { _ in Task.immediate { try await pool.run { gate.wait() } } }
        let answer = try await house.translate([("menu.pdf", try house.fixture("two-pages.pdf"))])
        #expect(answer.status == 200)
        for _ in busy { gate.signal() }
        for work in busy { try await work.value }
    }

    @Test func whoLeavesWhileAPictureIsStoredLeavesNoFile() async throws {
        let house = try await TranslationHouse(hasWorker: false)
        let (file, policy) = (house.picture("hello"), house.translation.parts.settings.storePolicy)
        let (gate, storing) = (Gate(), Box<Task<StoredPicture, any Error>?>(nil))
        storing.value = Task {
            await gate.pass()
            return try await house.images.store(file, policy) { _, _ in
                storing.value?.cancel()
                throw TranslationError.taskNotFound
            }
        }
        gate.open()
        await #expect(throws: TranslationError.taskNotFound) { try await storing.value?.value }
        #expect(try await keys(in: house).isEmpty)
    }

    /// Its process ended between the file and the row.
    @Test func aFileWithoutItsPictureGoesWithTheTask() async throws {
        let house = try await TranslationHouse(hasWorker: false)
        let task = ID<TranslationTask>()
        let image = try #require(try await house.insert(task).first)
        try await house.objects.put([1], at: ObjectKey(unchecked: "originals/images/\(image)"))
        try await house.translation.remove(task)
        #expect(try await keys(in: house).isEmpty)
    }

    @Test func theSameRequestTwiceKeepsItsFilesOnce() async throws {
        let house = try await TranslationHouse(hasWorker: false)
        let pdf = try house.fixture("two-pages.pdf")
        func send(_ files: [(name: String, bytes: [UInt8])]) async throws -> Answer {
            try await house.translate(files, headers: ["Idempotency-Key": "order-1"])
        }
        let first = try await send([("menu.pdf", pdf)])
        let second = try await send([("menu.pdf", pdf)])
        #expect(second.json["task_id"] == first.json["task_id"] && second.headers["Idempotency-Replayed"] == "true")
        #expect(try await send([("menu.pdf", pdf), ("menu.pdf", pdf)]).status == 422)
        #expect(try await keys(in: house).count == 1)
    }

    @Test func aDocumentBesideAPictureThatIsRefusedLeavesNothing() async throws {
        let house = try await TranslationHouse(hasWorker: false)
        let pdf = try house.fixture("two-pages.pdf")
        let answer = try await house.translate([("menu.pdf", pdf), ("a.png", Array("no picture".utf8))])
        #expect(answer.status == 400 && answer.json["detail"]?.string?.contains("a.png") == true, "\(answer.text)")
        #expect(try await keys(in: house).isEmpty)
        #expect(try await house.database.query("SELECT id FROM translation_task").isEmpty)
    }

    @Test(arguments: DatabaseBackend.allCases)
    func whoLeavesWhileFilesAreTakenInLeavesNothing(backend: DatabaseBackend) async throws {
        let house = try await TranslationHouse(backend: backend, hasWorker: false)
        let (pdf, picture, begun) = (try house.fixture("two-pages.pdf"), house.picture("hello"), Gate())
        let document = TaskRequest.Document(id: ID(), size: pdf.count) { pdf }
        let page = TaskRequest.Page(document: document, number: 0)
        let pictures = [
            TaskRequest.Picture(name: "a.png", size: picture.count) { picture },
            TaskRequest.Picture(name: "b-1.png", size: 0, page: page) { pdf },
            TaskRequest.Picture(name: "c.png", size: 1) {
                begun.open()
                await park()
                throw CancellationError()
            },
        ]
        let request = try TaskRequest(pictures, ["target_language": "es"])
        let making = Task {
            try await house.translation.create(request, owner: "asker", client: "asker", key: nil)
        }
        await begun.pass()
        #expect(try await keys(in: house).count == 2)
        making.cancel()
        await #expect(throws: CancellationError.self) { try await making.value }
        #expect(try await keys(in: house).isEmpty)
        #expect(try await house.database.query("SELECT id FROM translation_task").isEmpty)
        #expect(try await house.database.query("SELECT id FROM image WHERE deleted_at IS NULL").isEmpty)
    }

    @Test func whatAnArchiveLeavesOutIsToldWithEveryResult() async throws {
        let house = try await TranslationHouse()
        let writer = ZIPWriter()
        let files = [("a.png", house.picture("hello"))] + (0..<120).map { ("\($0).txt", Array("text".utf8)) }
        let archive =
            files.flatMap { writer.add($0.0, $0.1, deflates: false, modified: 1_700_000_000) } + writer.finish()
        let answer = try await house.translate([("a.zip", archive)])
        #expect(answer.json["skipped"]?.array?.count == 120)
        let skipped = try #require(try await house.finished(try address(of: answer))["skipped"]?.array)
        #expect(skipped.count == 100, "bounded, as every result carries it")
        #expect(skipped.first == answer.json["skipped"]?.array?.first)
    }
}
