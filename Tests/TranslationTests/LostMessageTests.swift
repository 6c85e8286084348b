import Database
import Kernel
import SharedState
import TestSupport
import Testing

@testable import Translation

/// Results that no message told, because the channel between processes was away.
@Suite(.timeLimit(.minutes(5))) struct LostMessageTests {
    @Test(arguments: DatabaseBackend.allCases)
    func howFarTasksHaveCome(_ backend: DatabaseBackend) async throws {
        let house = try await TranslationHouse(backend: backend, hasWorker: false)
        let tasks = [ID<TranslationTask>(), ID<TranslationTask>()]
        let pictures = try await house.insert(tasks[0], images: 2)
        _ = try await house.insert(tasks[1], images: 3)
        let store = house.translation.stageParts.tasks
        func versions() async throws -> [ID<TranslationTask>: String] { try await store.versions(of: tasks) }

        let first = try await versions()
        #expect(Set(first.keys) == Set(tasks))
        #expect(try await versions() == first, "nothing happened")
        var known = [first[tasks[0]]]
        let changes: [SQL] = ["state = 'reading'", "state = 'failed', seq = 1", "seq = 2"]
        for change in changes {
            try await house.database.execute("UPDATE translation_image SET \(change) WHERE id = \(pictures[1])")
            let now = try await versions()
            #expect(!known.contains(now[tasks[0]]), "\(change)")
            #expect(now[tasks[1]] == first[tasks[1]])
            known.append(now[tasks[0]])
        }
        try await house.database.execute("DELETE FROM translation_task WHERE id = \(tasks[0])")
        #expect(try await versions() == [tasks[1]: first[tasks[1]]])
    }

    @Test func aPollIsToldAtTheNextLook() async throws {
        let time = ManualTime()
        let state = AbsentState(MemorySharedState(time: time))
        state.isAway.value = true
        let house = try await TranslationHouse(backend: .postgresql, time: time, state: state, hasWorker: false)
        let task = ID<TranslationTask>()
        let picture = try await house.insert(task)[0]
        async let polled = house.get("/api/v1/translate/result/\(task)?since=0&timeout=60")
        // The poll's end and the next look.
        await time.untilSleepers(2)
        try await house.database.execute(
            "UPDATE translation_image SET state = 'completed', seq = 1, completed_at = 1 WHERE id = \(picture)"
        )
        time.advance(by: .seconds(2))
        #expect(try await polled.json["seq"] == 1)
    }
}
