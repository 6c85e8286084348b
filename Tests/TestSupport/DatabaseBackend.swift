package import Database
import Kernel
import Telemetry

/// Every engine that keeps the contracts of `Database` and of what stands on it. A new one is one more case.
package enum DatabaseBackend: String, CaseIterable, Sendable {
    case sqlite

    /// A new, empty database that is gone with the value.
    package func make() throws -> TestDatabase {
        switch self {
        case .sqlite:
            let folder = try TemporaryFolder()
            return TestDatabase(
                database: try SQLiteDatabase.open(
                    path: folder.path + "/test.db",
                    settings: SQLiteSettings(synchronous: .off),
                    metrics: Metrics(),
                    log: .silent,
                ),
                folder: folder,
            )
        }
    }
}

/// A database and what must live as long as it.
package struct TestDatabase: Sendable {
    package let database: any Database
    private let folder: TemporaryFolder?

    package init(database: any Database, folder: TemporaryFolder?) {
        self.database = database
        self.folder = folder
    }
}
