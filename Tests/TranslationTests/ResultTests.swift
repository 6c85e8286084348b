import Database
import FoundationEssentials
import HTTPServer
import Jobs
import Kernel
import ObjectStore
import SharedState
import Synchronization
import TestSupport
import Testing

@testable import Translation

/// What comes of tasks, and how clients hear of it.
@Suite(.timeLimit(.minutes(5))) struct ResultTests {
    @Test(arguments: DatabaseBackend.allCases)
    func tenPicturesThatFinishTogetherLoseNothing(_ backend: DatabaseBackend) async throws {
        // All wait for each other, so that their results come in the same moment; for somebody else's words that many do.
        let barrier = Gate(10)
        let house = try await TranslationHouse(
            backend: backend,
            providers: [WordList(name: "model", isRemote: true) { _ in await barrier.meet() }],
        )
        let words = (0..<10).map { "hello \($0)" }
        let result = try await house.finished(try await house.begin(words))
        #expect(result["status"] == "completed")
        #expect(result["completed_images"] == 10)
        let texts = result["partial_results"]?.array?.map { $0["translated_text"]?.string ?? "" }
        #expect(texts == (0..<10).map { "hola \($0)" })
        #expect(result["seq"] == 10, "one number for each result")
    }

    @Test func aPollWithACursorAsksOnceForEachResult() async throws {
        let gates = [Gate(), Gate(), Gate()]
        let house = try await TranslationHouse(
            providers: [
                WordList { order in
                    let number = Int(order.texts[0].suffix(1)) ?? 0
                    await gates[number].pass()
                }
            ]
        )
        let address = try await house.begin(["hello 0", "hello 1", "hello 2"])
        var seq: Int64 = 0
        for (number, gate) in gates.enumerated() {
            let poll = "\(address)?since=\(seq)"
            async let polled = house.get(poll)
            gate.open()
            let answer = try await polled.json
            #expect(answer["seq"]?.integer == Int64(number + 1))
            #expect(answer["completed_images"]?.integer == Int64(number + 1))
            seq = answer["seq"]?.integer ?? 0
        }
    }

    @Test func aPollWithoutACursorTellsEachResultOnce() async throws {
        let gate = Gate()
        let house = try await TranslationHouse(
            time: ManualTime(),
            providers: [WordList { order in if order.texts[0] == "cat" { await gate.pass() } }],
        )
        let address = try await house.begin(["hello", "cat"])
        let first = try await house.get(address).json
        #expect(first["completed_images"] == 1)
        #expect(first["success"] == .null)
        // The first result was told: this one waits for the second and does not spin.
        async let second = house.get(address)
        gate.open()
        #expect(try await second.json["completed_images"] == 2)
        #expect(try await house.get(address).json["success"] == true, "a finished task answers at once")
    }

    @Test func aPollEndsWithItsTimeAndSaysHowLongItWillTake() async throws {
        let time = ManualTime()
        let house = try await TranslationHouse(time: time, hasWorker: false)
        let address = try await house.begin(["hello"])
        let now = try await house.get("\(address)?timeout=0").json
        #expect(now["status"] == "pending")
        #expect(now["success"] == .null)
        #expect((2...300).contains(now["estimated_wait_time"]?.integer ?? 0))
        #expect(try await house.get("\(address)?timeout=-1").status == 422)
    }

    @Test func aTaskSucceedsWhenOnePictureDoes() async throws {
        let house = try await TranslationHouse()
        let result = try await house.finished(try await house.begin(["hello", "unreadable"]))
        #expect(result["status"] == "completed")
        #expect(result["success"] == true)
        #expect(result["partial"] == true)
        #expect(result["partial_results"]?.array?[1]["status"] == "failed")
        #expect(result["partial_results"]?.array?[1]["error"] == "This picture cannot be read.")
        #expect(result["partial_results"]?.array?[1]["error_code"] == "unreadable")
    }

    @Test func aTaskFailsWhenEveryPictureDoes() async throws {
        let house = try await TranslationHouse()
        let result = try await house.finished(try await house.begin(["unreadable"]))
        #expect(result["status"] == "failed")
        #expect(result["success"] == false)
        #expect(result["error"] == "This picture cannot be read.")
    }

    @Test func aPictureWithoutWordsIsDone() async throws {
        let house = try await TranslationHouse()
        let result = try await house.finished(try await house.begin([""]))
        #expect(result["status"] == "completed")
        #expect(result["partial_results"]?.array?.first?["translated_text"] == "")
        #expect(result["partial_results"]?.array?.first?["flags"] == ["no_text"])
    }

    @Test func blocksAndFilesOfAPicture() async throws {
        let house = try await TranslationHouse()
        let result = try await house.finished(try await house.begin(["hello world\ngood day"]))
        let picture = try #require(result["partial_results"]?.array?.first)
        let blocks = try #require(picture["blocks"]?.array)
        #expect(blocks.map { $0["source_text"]?.string } == ["hello world", "good day"])
        #expect(blocks.map { $0["translation"]?.string } == ["hola mundo", "buenos días"])
        #expect(blocks[1]["box"] == ["x": 0, "y": 20, "width": 100, "height": 20])
        #expect(picture["provider"] == "embedded")
        #expect(picture["flags"] == ["machine_translation"])
        // Signed: whoever has the address needs no header.
        let address = try #require(picture["image_url"]?.string).trimmingPrefix("http://translation.test")
        let file = try await house.get(String(address), headers: ["X-Visitor": "stranger"])
        #expect(file.status == 200)
        #expect(file.text == "es: hola mundo|buenos días")
        #expect(file.headers["Content-Type"] == "image/png")
        let plain = String(address.prefix { $0 != "?" })
        #expect(try await house.get(plain, headers: ["X-Visitor": "stranger"]).status == 404)
        #expect(try await house.get("\(plain.dropLast(5))clean").text == "clean")
        #expect(try await house.get("\(plain.dropLast(5))nothing").status == 404)
    }

    @Test func allPicturesAsZIP() async throws {
        let house = try await TranslationHouse()
        let address = try await house.begin(["hello", "unreadable", "cat"])
        let result = try await house.finished(address)
        let archive = try #require(result["archive_url"]?.string).trimmingPrefix("http://translation.test")
        let answer = try await house.get(String(archive), headers: ["X-Visitor": "stranger"])
        #expect(answer.headers["Content-Type"] == "application/zip")
        let folder = try TemporaryFolder()
        try Data(answer.body).write(to: URL(filePath: "\(folder.path)/all.zip"))
        let program = """
            import sys, zipfile
            archive = zipfile.ZipFile(sys.argv[1])
            assert archive.testzip() is None
            for name in archive.namelist(): print(name, archive.read(name).decode())
            """
        let listing = try await runProgram(["/usr/bin/python3", "-c", program, "\(folder.path)/all.zip"])
        #expect(listing.output == "1-0.spanish.png es: hola\n3-2.spanish.png es: gato\n")
    }

    @Test func anEditIsDrawnWithoutAskingAnybody() async throws {
        let words = WordList()
        let house = try await TranslationHouse(providers: [words])
        let address = try await house.begin(["hello\ncat"])
        _ = try await house.finished(address)
        let blocks = "\(address)/images/0/blocks"
        let edited = try await house.send(.patch, blocks, ["blocks": [["id": 0, "translation": "¡Hola!"]]])
        #expect(edited.status == 200, "\(edited.text)")
        #expect(edited.json["translated_text"] == "¡Hola!\ngato")
        #expect(edited.json["revision"] == 2)
        #expect(try await house.get("\(address)/images/0/image").text == "es: ¡Hola!|gato")
        let skipped = try await house.send(
            .patch,
            blocks,
            ["blocks": [["id": 1, "skipped": true], ["id": 0, "translation": .null]]],
        )
        #expect(skipped.json["translated_text"] == "hola\ncat", "a person's word was taken back")
        #expect(words.calls.count == 1)
        #expect(house.spoken.reads.count == 1)
        #expect(try await house.send(.patch, blocks, ["blocks": [["id": 7, "skipped": true]]]).status == 404)
        #expect(try await house.send(.patch, blocks, ["blocks": "all"]).status == 422)
    }

    @Test func ofTwoEditsAtOnceTheOneThatIsTakenIsDrawn() async throws {
        let house = try await TranslationHouse()
        let address = try await house.begin(["hello"])
        _ = try await house.finished(address)
        let (began, gate) = (Gate(), Gate())
        house.spoken.beforeDrawing.withLock { before in
            before = { number in
                guard number == 2 else { return }
                began.open()
                await gate.pass()
            }
        }
        @Sendable func edit(_ text: JSON) async throws -> Int {
            let change: JSON = ["blocks": [["id": 0, "translation": text]]]
            return try await house.send(.patch, "\(address)/images/0/blocks", change).status
        }
        async let first = edit("primero")
        await began.pass()
        let second = try await edit("segundo")
        gate.open()
        #expect(try await [first, second].sorted() == [200, 409])
        let words = try await house.get("\(address)/images/0").json["translated_text"]?.string ?? ""
        #expect(try await house.get("\(address)/images/0/image").text == "es: \(words)")
        #expect(try await edit("tercero") == 200, "the next one has its turn")
        // The drawings that were not taken, or were replaced, go.
        while try await house.objects.list(prefix: "translations/").objects.count > 3 {}
    }

    @Test func anEditIsTakenAlsoWhileRedisIsAway() async throws {
        let state = AbsentState(MemorySharedState())
        let house = try await TranslationHouse(state: state)
        let address = try await house.begin(["hello"])
        _ = try await house.finished(address)
        state.isAway.value = true
        let change: JSON = ["blocks": [["id": 0, "translation": "¡Hola!"]]]
        let edited = try await house.send(.patch, "\(address)/images/0/blocks", change)
        #expect(edited.status == 200, "\(edited.text)")
        #expect(try await house.get("\(address)/images/0/image").text == "es: ¡Hola!")
    }

    @Test func anEditOfATaskThatIsDeletedMeanwhileLeavesNothing() async throws {
        let house = try await TranslationHouse()
        let address = try await house.begin(["hello"])
        _ = try await house.finished(address)
        let (began, gate) = house.spoken.holdDrawings()
        async let edit = house.send(
            .patch,
            "\(address)/images/0/blocks",
            ["blocks": [["id": 0, "translation": "tarde"]]],
        )
        await began.pass()
        #expect(try await house.send(.delete, address).status == 200)
        gate.open()
        #expect(try await edit.status == 404)
        #expect(try await house.objects.list(prefix: "").objects.isEmpty)
    }

    @Test func aTaskThatIsDeletedWhileItsPictureIsDrawnLeavesNothing() async throws {
        let house = try await TranslationHouse()
        let (began, gate) = house.spoken.holdDrawings()
        let address = try await house.begin(["hello"])
        await began.pass()
        let job = try await drawingJob(house)
        #expect(try await house.send(.delete, address).status == 200)
        gate.open()
        while try await house.jobs.state(of: job)?.state == .running { await Task.yield() }
        #expect(try await house.jobs.state(of: job)?.state == .cancelled)
        #expect(try await house.objects.list(prefix: "").objects.isEmpty)
    }

    private func drawingJob(_ house: TranslationHouse) async throws -> ID<Job> {
        try #require(try await house.database.first("SELECT job_id FROM translation_image")?.get("job_id"))
    }

    /// Its job was not there when the others were cancelled, and nobody tells it to stop.
    @Test func aDrawingOfATaskThatIsGoneLeavesNothing() async throws {
        let house = try await TranslationHouse()
        let (began, gate) = house.spoken.holdDrawings()
        _ = try await house.begin(["hello"])
        await began.pass()
        let job = try await drawingJob(house)
        try await house.database.execute("UPDATE translation_task SET accepted = 0")
        gate.open()
        while try await house.jobs.state(of: job)?.state == .running { await Task.yield() }
        #expect(try await house.jobs.state(of: job)?.state == .dead)
        #expect(try await house.objects.list(prefix: "translations/").objects.isEmpty)
    }

    @Test func aPictureIsAsWideAsItIsSeen() async throws {
        let house = try await TranslationHouse()
        let address = try await house.begin(["hello"])
        _ = try await house.finished(address)
        let picture = try await house.get("\(address)/images/0").json
        #expect(picture["width"] == 100)
        #expect(picture["height"] == 50, "as it was drawn, not as the file stores it")
    }

    @Test func eventsTellEveryPictureAndThenTheTask() async throws {
        let house = try await TranslationHouse()
        let address = try await house.begin(["hello", "cat"])
        let events = try await house.get("\(address)/events").text
        #expect(events.contains("hola"))
        #expect(events.contains("gato"))
        let names = events.split(separator: "\n").filter { $0.hasPrefix("event: ") }
        #expect(names.last == "event: task")
        #expect(names.dropLast().allSatisfy { $0 == "event: image" })
        let late = try await house.get("\(address)/events", headers: ["Last-Event-ID": "2"]).text
        #expect(!late.contains("event: image"), "nothing was missed")
        #expect(late.contains("event: task"))
    }

    /// Else a client whose line breaks between them would never hear of the one that ended first.
    @Test func eventsComeInTheOrderInWhichPicturesEnded() async throws {
        let house = try await TranslationHouse()
        let address = try await house.begin(["hello", "cat"])
        _ = try await house.finished(address)
        try await house.database.execute("UPDATE translation_image SET seq = 2 - position")
        let ids = try await house.get("\(address)/events").text.split(separator: "\n").filter { $0.hasPrefix("id: ") }
        #expect(ids == ["id: 1", "id: 2"])
        let late = try await house.get("\(address)/events", headers: ["Last-Event-ID": "1"]).text
        #expect(late.contains("hola") && late.split(separator: "\n").count { $0 == "event: image" } == 1)
    }

    @Test func aDeletedTaskLeavesNothing() async throws {
        let house = try await TranslationHouse()
        let address = try await house.begin(["hello", "cat"])
        _ = try await house.finished(address)
        #expect(try await house.send(.delete, address).status == 200)
        #expect(try await house.get(address).status == 404)
        #expect(try await house.objects.list(prefix: "").objects.isEmpty)
        #expect(try await house.database.query("SELECT id FROM translation_image").isEmpty)
    }

    @Test func aUserIsErasedWithEverything() async throws {
        let house = try await TranslationHouse()
        _ = try await house.finished(try await house.begin(["hello"]))
        let other = try await house.translate([("a.png", house.picture("cat"))], headers: ["X-Visitor": "other"])
        #expect(other.status == 200)
        #expect(try await house.translation.erase(owner: "asker") == 1)
        let left = try await house.database.query("SELECT owner FROM translation_task")
        #expect(try left.map { try $0.get("owner", as: String.self) } == ["other"])
        #expect(try await house.objects.list(prefix: "originals/").objects.count == 1)
    }

    @Test func aTaskInWorkCanBeDeleted() async throws {
        let (began, gate) = (Gate(), Gate())
        let house = try await TranslationHouse(
            providers: [
                WordList { _ in
                    began.open()
                    await gate.pass()
                }
            ]
        )
        let address = try await house.begin(["hello"])
        await began.pass()
        #expect(try await house.send(.delete, address).status == 200)
        gate.open()
        #expect(try await house.get(address).status == 404)
    }

    @Test func tasksWhoseTimeIsOverAreSweptAway() async throws {
        let time = ManualTime()
        let house = try await TranslationHouse(time: time, hasWorker: false)
        let address = try await house.begin(["hello"])
        let sweep = TranslationSweep(
            remove: house.translation.remove,
            retention: .seconds(86_400),
        )
        try await sweep.sweep()
        #expect(try await house.get("\(address)?timeout=0").status == 200)
        time.advance(by: .seconds(86_401))
        try await sweep.sweep()
        #expect(try await house.get("\(address)?timeout=0").status == 404)
        #expect(try await house.objects.list(prefix: "").objects.isEmpty)
        #expect(try await house.database.query("SELECT id FROM translation_image").isEmpty)
        let left = try await house.database.query("SELECT id FROM job WHERE state IN ('ready', 'delayed')")
        #expect(left.isEmpty, "nobody works on what is gone")
    }

    @Test func statsHaveTheOriginalsFields() async throws {
        let house = try await TranslationHouse()
        _ = try await house.finished(try await house.begin(["hello", "unreadable"]))
        let stats = try await house.get("/stats").json
        #expect(stats["queue"] == ["pending": 0, "processing": 0, "total": 0])
        for field in [
            "instance_id", "total_workers", "active_workers", "idle_workers", "tasks_processed", "tasks_successful",
            "tasks_failed", "success_rate", "avg_completion_rate", "recent_scaling_events", "last_scale_history",
            "cluster_total_workers", "cluster_active_instances", "cluster_available_keys", "cluster_total_capacity",
            "cluster_max_workers", "queue_pressure", "cluster_consecutive_low_queue",
        ] {
            #expect(stats["workers"]?[field] != nil, "\(field)")
        }
        let workers = ["total_workers", "active_workers", "idle_workers"].map { stats["workers"]?[$0]?.integer ?? -1 }
        #expect(workers[0] == workers[1] + workers[2])
        #expect(stats["workers"]?["tasks_processed"] == 2)
        #expect(stats["workers"]?["tasks_successful"] == 1)
        #expect(stats["workers"]?["queue_pressure"] == 0, "what is dead is no pressure")
        #expect(stats["api_keys"] == ["total": 0, "active": 0])
        #expect(stats["capacity_estimate"]?["max_workers"] == 1000)
    }
}
