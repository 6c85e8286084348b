package import Database
import Foundation
import Kernel
import Telemetry

/// Every engine that keeps the contracts of `Database` and of what stands on it. A new one is one more case.
package enum DatabaseBackend: String, CaseIterable, Sendable {
    case sqlite
    case postgresql

    /// The one for suites that test a module and not the database: `PICTOR_TEST_DATABASE` names it, so that a second
    /// run takes the other.
    package static let ofModules: DatabaseBackend = {
        guard let name = ProcessInfo.processInfo.environment["PICTOR_TEST_DATABASE"] else { return .sqlite }
        guard let backend = DatabaseBackend(rawValue: name) else {
            preconditionFailure("PICTOR_TEST_DATABASE is \(allCases.map(\.rawValue).joined(separator: " or "))")
        }
        return backend
    }()

    /// A new, empty database that is gone with the value.
    package func make() async throws -> TestDatabase {
        switch self {
        case .sqlite:
            let folder = try TemporaryFolder()
            let database = try SQLiteDatabase.open(
                path: folder.path + "/test.db",
                settings: SQLiteSettings(synchronous: .off),
                metrics: Metrics(),
                log: .silent,
            )
            return TestDatabase(database: database, folder: folder)
        case .postgresql:
            let place = try await PostgreSQLPlace(PostgreSQLServer.shared())
            return TestDatabase(database: try await place.open(), place: place)
        }
    }
}

/// A database and what must live as long as it.
package struct TestDatabase: Sendable {
    package let database: any Database
    private let folder: TemporaryFolder?
    private let place: PostgreSQLPlace?

    package init(database: any Database, folder: TemporaryFolder? = nil, place: PostgreSQLPlace? = nil) {
        self.database = database
        self.folder = folder
        self.place = place
    }
}

/// A database of a server that one test at a time has for itself. Making one takes longer than most tests: the next
/// test gets it, emptied.
package final class PostgreSQLPlace: Sendable {
    /// Its address, for a second connection.
    package let url: Secret<String>
    private let server: PostgreSQLServer
    private let name: String

    package init(_ server: PostgreSQLServer) async throws {
        let used = server.takeFree()
        let name: String
        if let used { name = used } else { name = try await server.createDatabase() }
        (self.server, self.name, url) = (server, name, server.url(name))
        if used != nil { try await empty() }
    }

    deinit { server.giveBack(name) }

    /// Another pool of connections to the same database, as another process has.
    package func open(_ settings: PostgreSQLSettings = PostgreSQLSettings(connections: 4)) async throws -> any Database
    {
        try await PostgreSQLDatabase.open(url: url, settings: settings, metrics: Metrics(), log: .silent)
    }

    private func empty() async throws {
        let database = try await open(PostgreSQLSettings(connections: 1))
        // A test's pool may still be closing; what it does must not wait for us, nor we for it.
        try await database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = \(name) AND pid <> pg_backend_pid()"
        )
        try await database.transaction { transaction in
            try transaction.execute("DROP SCHEMA public CASCADE")
            try transaction.execute("CREATE SCHEMA public")
        }
        await database.close()
    }
}
