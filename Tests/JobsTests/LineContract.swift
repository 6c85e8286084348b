import Database
import Jobs
import Kernel
import TestSupport
import Testing

/// Who is before whom in a queue.
@Suite(.timeLimit(.minutes(5))) struct LineContract {
    /// One look at all who wait knows what a question for each of them would find.
    @Test("all who wait, by priority, are those before each of them", arguments: DatabaseBackend.allCases)
    func waiting(backend: DatabaseBackend) async throws {
        let office = try await Office(backend)
        office.jobs.onErrand { _, _ in noEffect }
        let oldest = ID<Job>()
        let horizon = office.time.now + .seconds(300)
        try await office.database.transaction { transaction in
            var chance = SplitMix(state: 7)
            for _ in 0..<300 {
                // A third is ready, a third comes soon, a third not for long.
                let delay = [nil, Duration.seconds(10), .seconds(3600)].randomElement(using: &chance) ?? nil
                try office.jobs.enqueue(
                    Errand(),
                    priority: .random(in: -20...0, using: &chance),
                    notBefore: delay.map { office.time.now + $0 },
                    in: transaction,
                )
            }
        }
        let queues = ["errands", "empty"]
        let waiting = try await office.jobs.waiting(in: queues, dueBy: horizon, limit: 1000)
        for priority in -21...1 {
            let asked = try await office.jobs.lines(
                before: oldest,
                priority: priority,
                in: queues,
                dueBy: horizon,
                limit: 1000,
            )
            #expect(waiting.before(priority: priority) == asked)
        }
        #expect(waiting.before(priority: -21)[0].waiting > 150)
        let some = try await office.jobs.waiting(in: queues, dueBy: horizon, limit: 5)
        #expect(some.before(priority: -21)[0] == JobLine(ready: 5, delayed: 5))
    }
}
