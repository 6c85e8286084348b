import Database
import Glibc
import Kernel
import Telemetry

/// Point reads by key in PostgreSQL, for `script/bench postgresql`.
///
/// `LookupBench URL TASKS COUNT ROWS`: `TASKS` tasks read `COUNT` rows of pgbench's table of `ROWS` accounts by their key,
/// one after the other each. Prints one line of JSON.
@main
struct LookupBench {
    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 5, let tasks = Int(words[2]), let count = Int(words[3]), let rows = Int(words[4]) else {
            print("usage: LookupBench URL TASKS COUNT ROWS")
            exit(64)
        }
        let database = try await PostgreSQLDatabase.open(url: Secret(words[1]), metrics: Metrics(), log: .silent)
        let start = ContinuousClock.now
        try await withThrowingTaskGroup { group in
            for task in 0..<tasks {
                group.addTask {
                    for _ in stride(from: task, to: count, by: tasks) {
                        let key = Int.random(in: 1...rows)
                        let row = try await database.lookup("SELECT abalance FROM pgbench_accounts WHERE aid = \(key)")
                        guard row != nil else { throw DatabaseError.corrupt(detail: "no account \(key)") }
                    }
                }
            }
            try await group.waitForAll()
        }
        print("{\"rate\":\(Double(count) / (ContinuousClock.now - start).seconds)}")
        await database.close()
    }
}
