import Database
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Translation

/// What a client may have translated in a day.
@Suite(.timeLimit(.minutes(5))) struct DailyLimitTests {
    @Test(arguments: DatabaseBackend.allCases)
    func picturesOfADayAreCounted(backend: DatabaseBackend) async throws {
        let time = ManualTime()
        let house = try await TranslationHouse(backend: backend, time: time, hasWorker: false) { settings in
            settings.dailyLimits.images = 3
            settings.retention = .seconds(7 * 86_400)
        }
        func send(_ count: Int, _ visitor: String = "asker") async throws -> Answer {
            let files = (0..<count).map { (name: "\($0).png", bytes: house.picture("hello \($0)")) }
            return try await house.translate(files, headers: ["X-Visitor": visitor])
        }
        let first = try await send(2)
        #expect(first.status == 200)
        let tooMany = try await send(2)
        #expect(tooMany.status == 429 && tooMany.json["code"] == "daily_limit_reached", "\(tooMany.text)")
        #expect(tooMany.headers["Retry-After"].flatMap { Int($0) } == 86_400, "until midnight")
        #expect(try await house.database.query("SELECT id FROM translation_task").count == 1, "nothing is left of it")
        let stored = try await house.database.query("SELECT id FROM image")
        #expect(stored.count == 2, "nothing was stored only to be removed")
        #expect(try await send(3, "another").status == 200)
        let address = "/api/v1/translate/result/\(try #require(first.json["task_id"]?.string))"
        #expect(try await house.send(.delete, address).status == 200)
        #expect(try await send(2).status == 429, "what is deleted was translated all the same")
        #expect(try await send(1).status == 200, "what was refused does not count")
        time.advance(by: .seconds(86_400))
        #expect(try await send(3).status == 200)
        time.advance(by: .seconds(86_400))
        try await TranslationSweep(remove: house.translation.remove, retention: .seconds(86_400)).sweep()
        let days = try await house.database.query("SELECT DISTINCT day FROM translation_usage")
        #expect(days.count == 1, "of the days before yesterday nothing is kept")
    }

    @Test(arguments: DatabaseBackend.allCases)
    func theRepetitionOfARequestTakesNothing(backend: DatabaseBackend) async throws {
        let house = try await TranslationHouse(backend: backend, hasWorker: false) { $0.dailyLimits.images = 1 }
        func send(_ key: String) async throws -> Answer {
            try await house.translate([("a.png", house.picture("hello"))], headers: ["Idempotency-Key": key])
        }
        let first = try await send("a")
        #expect(first.status == 200)
        #expect(try await send("a").json["task_id"] == first.json["task_id"])
        #expect(try await send("b").status == 429)
    }

    @Test func moneyThatIsSpentStopsModels() async throws {
        let time = ManualTime()
        let model = WordList(name: "model", isRemote: true) { order in
            let moment = Timestamp(milliseconds: 1_767_225_660_000)
            if order.texts == ["world"], time.now < moment { throw Full(until: moment) }
            await order.expenses.add(40)
        }
        let house = try await TranslationHouse(time: time, providers: [model, WordList()]) { settings in
            settings.dailyLimits.cost = 30
        }
        let waiting = try await house.begin(["world"])
        await model.calls.until(1)
        while try await house.database.query("SELECT id FROM job WHERE state = 'delayed'").isEmpty {}
        let paid = try await house.finished(try await house.begin(["hello"]))["partial_results"]?.array?.first
        #expect(paid?["provider"] == "model" && paid?["cost"]?.number == 40)
        let refused = try await house.translate([("a.png", house.picture("cat"))])
        #expect(refused.status == 429 && refused.json["detail"]?.string?.contains("money") == true, "\(refused.text)")
        async let finished = house.finished(waiting)
        time.advance(by: .seconds(61))
        let picture = try await finished["partial_results"]?.array?.first
        #expect(picture?["provider"] == "embedded" && picture?["cost"]?.number == 0, "\(String(describing: picture))")
        #expect(model.calls.count == 2)
    }

    @Test(arguments: DatabaseBackend.allCases)
    func whatIsBilledIsBookedAtOnceAndStaysWhenTheTaskIsDeleted(backend: DatabaseBackend) async throws {
        let billed = Gate()
        let model = WordList(name: "model", isRemote: true) { order in
            await order.expenses.add(40)
            billed.open()
            await park()
        }
        let house = try await TranslationHouse(backend: backend, providers: [model]) { $0.dailyLimits.cost = 30 }
        let address = try await house.begin(["hello"])
        await billed.pass()
        let picture = try await house.get("\(address)?timeout=0").json["partial_results"]?.array?.first
        #expect(picture?["cost"]?.number == 40, "whatever becomes of the work")
        #expect(try await house.send(.delete, address).status == 200)
        let costs = try await house.database.query("SELECT cost FROM translation_usage")
        #expect(try costs.map { try $0.get("cost", as: Double.self) } == [40])
        #expect(try await house.translate([("a.png", house.picture("cat"))]).status == 429)
    }

    @Test func whatIsRememberedCostsNothingAndIsUsedWhenTheMoneyIsSpent() async throws {
        let model = WordList(name: "model", isRemote: true) { await $0.expenses.add(40) }
        let house = try await TranslationHouse(providers: [model, WordList()])
        _ = try await house.finished(try await house.begin(["hello"]))
        let block = TranslatedBlock(
            id: 0,
            box: TranslatedBlock.Box(x: 0, y: 0, width: 9, height: 9),
            order: 0,
            text: "hello",
            confidence: 1,
        )
        let wish = TranslationDesk.Wish(
            blocks: [block],
            source: nil,
            target: "es",
            provider: nil,
            options: TranslationOptions(),
            context: [],
            deadline: nil,
            lookUntil: nil,
            picture: nil,
            mayPay: false,
            isLastTry: false,
        )
        #expect(try await house.translation.desk.translate(wish).provider == "model")
        #expect(model.calls.count == 1)
    }

    @Test func withoutAnybodyWhoCostsNothingThePictureSaysWhy() async throws {
        let model = WordList(name: "model", isRemote: true) { await $0.expenses.add(40) }
        let house = try await TranslationHouse(providers: [model])
        let wish = TranslationDesk.Wish(
            blocks: [
                TranslatedBlock(
                    id: 0,
                    box: TranslatedBlock.Box(x: 0, y: 0, width: 9, height: 9),
                    order: 0,
                    text: "hello",
                    confidence: 1,
                )
            ],
            source: nil,
            target: "es",
            provider: nil,
            options: TranslationOptions(),
            context: [],
            deadline: nil,
            lookUntil: nil,
            picture: nil,
            mayPay: false,
            isLastTry: true,
        )
        await #expect(throws: TranslationError.moneySpent) { try await house.translation.desk.translate(wish) }
        #expect(wish.expenses.total == 0)
    }
}
