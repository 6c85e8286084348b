import Glibc
import TestSupport
import Testing

@testable import Database

/// A server that accepts everything and says nothing.
@Suite(.timeLimit(.minutes(5))) struct PostgreSQLSilenceTests {
    @Test("a server that takes everything and answers nothing is given up, and the body runs once more")
    func silentServer() async throws {
        let place = try await PostgreSQLPlace(.shared())
        let database = try await place.open(
            PostgreSQLSettings(
                connections: 1,
                statementTimeout: .milliseconds(300),
                networkTimeout: .milliseconds(300),
            )
        )
        try await database.execute(pictureTable)
        let stopped = Recorder<pid_t>()
        try await database.transaction { transaction in
            if stopped.all.isEmpty, let backend = try transaction.first("SELECT pg_backend_pid() AS pid") {
                stopped.add(pid_t(try backend.get("pid", as: Int.self)))
                kill(stopped.all[0], SIGSTOP)
            }
            try transaction.execute("INSERT INTO picture VALUES ('a', 'A', 1, NULL)")
        }
        for backend in stopped.all { kill(backend, SIGCONT) }
        #expect(stopped.all.count == 1)
        #expect(try await database.query("SELECT id FROM picture").count == 1)
        await database.close()
    }
}
