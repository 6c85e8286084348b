import Database
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Translation

/// What is remembered of tasks, and forgotten with them.
@Suite(.timeLimit(.minutes(5))) struct MemoryTests {
    @Test("a deleted task takes along what only it has brought into the memory", arguments: DatabaseBackend.allCases)
    func aDeletedTaskIsForgotten(_ backend: DatabaseBackend) async throws {
        let model = WordList(name: "model", isRemote: true)
        let house = try await TranslationHouse(backend: backend, providers: [model])
        // Without the words of its other pictures, so that the wishes are equal.
        let fields = [("target_language", "es"), ("context", "false")]
        let first = try await house.begin(["hello", "cat"], fields)
        let second = try await house.begin(["hello"], fields)
        _ = try await (house.finished(first), house.finished(second))
        func remembered() async throws -> [String] {
            try await house.database.query("SELECT value FROM translation_memory").map { try $0.get("value") }
        }
        #expect(try await remembered().count == 4, "what was read and what was translated, of two words")
        #expect(try await house.send(.delete, first).status == 200)
        let left = try await remembered()
        #expect(left.count == 2)
        #expect(left.allSatisfy { !$0.contains("cat") && !$0.contains("gato") }, "\(left)")
        // The other task's words are paid for no second time.
        let third = try await house.begin(["hello"], fields)
        _ = try await house.finished(third)
        #expect(model.calls.count == 2)
        #expect(house.spoken.reads.count == 2)
        for address in [second, third] { #expect(try await house.send(.delete, address).status == 200) }
        #expect(try await remembered() == [])
        #expect(try await house.database.query("SELECT task_id FROM translation_memory_use").isEmpty)
        _ = try await house.finished(try await house.begin(["hello"], fields))
        #expect(model.calls.count == 3, "nothing was left to remember it by")
    }

    @Test(
        "tasks that are deleted at the same moment leave nothing of what they shared",
        arguments: DatabaseBackend.allCases,
    )
    func tasksAreForgottenTogether(_ backend: DatabaseBackend) async throws {
        let house = try await TranslationHouse(backend: backend)
        for _ in 0..<10 {
            let tasks = [try await house.begin(["hello"]), try await house.begin(["hello"])]
            for task in tasks { _ = try await house.finished(task) }
            try await withThrowingTaskGroup { group in
                for task in tasks {
                    group.addTask {
                        let answer = try await house.send(.delete, task)
                        #expect(answer.status == 200)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await house.database.query("SELECT id FROM translation_memory").isEmpty)
        }
    }

    @Test(
        "what is found out for a task that is deleted meanwhile is not remembered",
        arguments: DatabaseBackend.allCases,
    )
    func nothingIsRememberedOfADeletedTask(_ backend: DatabaseBackend) async throws {
        let house = try await TranslationHouse(backend: backend, hasWorker: false)
        let (memory, remove) = (house.translation.memory, house.translation.remove)
        for _ in 0..<50 {
            let task = ID<TranslationTask>()
            _ = try await house.insert(task)
            async let kept: Void = memory.keep(["words"], as: "k", for: task)
            async let removed: Void = remove(task)
            _ = try await (kept, removed)
            #expect(try await memory.value("k") == nil)
            try await memory.keep(["words"], as: "k", for: task)
            #expect(try await memory.value("k") == nil)
        }
        let task = ID<TranslationTask>()
        _ = try await house.insert(task)
        try await memory.keep(["words"], as: "k", for: task)
        #expect(try await memory.value("k") == ["words"])
    }

    @Test("what is left of a request whose process ended is swept away long before the tasks")
    func unaccepted() async throws {
        let time = ManualTime()
        let house = try await TranslationHouse(time: time, hasWorker: false)
        let (begun, accepted) = (ID<TranslationTask>(), ID<TranslationTask>())
        // One that still draws its pages is not swept away, however soon its task would end.
        _ = try await house.insert(begun, isAccepted: false, retention: .seconds(60))
        _ = try await house.insert(accepted)
        let sweep = TranslationSweep(remove: house.translation.remove, retention: .seconds(86_400))
        time.advance(by: NewTask.creationTime - .seconds(1))
        try await sweep.sweep()
        func left() async throws -> Set<ID<TranslationTask>> {
            Set(try await house.database.query("SELECT id FROM translation_task").map { try $0.get("id") })
        }
        #expect(try await left() == [begun, accepted])
        time.advance(by: .seconds(1))
        try await sweep.sweep()
        #expect(try await left() == [accepted])
    }

    @Test("one of many asks, and one whose process died asks again", arguments: DatabaseBackend.allCases)
    func oneOfManyAsks(_ backend: DatabaseBackend) async throws {
        let house = try await TranslationHouse(backend: backend, hasWorker: false)
        let memory = house.translation.memory
        #expect(try await memory.claim("a", by: "first") == .ours(begun: nil))
        #expect(try await memory.claim("a", by: "second") == .others)
        #expect(try await memory.claim("a", by: "first") == .ours(begun: nil), "its job begins anew elsewhere")
        try await memory.release("a", by: "second")
        #expect(try await memory.claim("a", by: "second") == .others, "only the holder gives it back")
        try await memory.release("a", by: "first")
        #expect(try await memory.claim("a", by: "second") == .ours(begun: nil))
    }

    @Test(
        "who asks for what is known gets it and no claim, unless it serves no more",
        arguments: DatabaseBackend.allCases,
    )
    func knownIsNotClaimed(_ backend: DatabaseBackend) async throws {
        let house = try await TranslationHouse(backend: backend, hasWorker: false)
        let memory = house.translation.memory
        try await memory.keep(["hola"], as: "a", for: nil)
        #expect(try await memory.claim("a", by: "first") == .known(["hola"]))
        #expect(try await memory.claim("a", by: "second", isKnownGood: false) == .ours(begun: nil), "nobody had it")
        #expect(try await memory.claim("a", by: "first", isKnownGood: false) == .others)
        #expect(try await memory.claim("a", by: "first") == .known(["hola"]))
    }
}
