import Database
import Kernel
import Telemetry
import TestSupport

/// Every engine that keeps `DatabaseContract`. A new one is one more case.
enum Backend: String, CaseIterable, Sendable {
    case sqlite

    /// A new, empty database that is gone with the value.
    func make() throws -> TestDatabase {
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
struct TestDatabase: Sendable {
    let database: any Database
    private let folder: TemporaryFolder?

    init(database: any Database, folder: TemporaryFolder?) {
        self.database = database
        self.folder = folder
    }
}

enum Picture {}

/// A small table that most tests use.
let pictureTable: SQL = """
    CREATE TABLE picture (
        id    TEXT   PRIMARY KEY,
        title TEXT   NOT NULL,
        bytes BIGINT NOT NULL CHECK (bytes > 0),
        note  TEXT
    )
    """
