import Database
import Kernel
import Telemetry

/// `pictor database migrate`
struct DatabaseMigrateCommand: Command {
    static let name = "database migrate"
    static let summary = "Move all rows from SQLite to PostgreSQL and compare them"
    static let usage = "[OPTION]… --to URL"
    static let options =
        commonOptions + [
            .option("--to", "URL", "The PostgreSQL database; without it database.url (DATABASE_URL).")
        ]
    static let examples = ["pictor database migrate --data /srv/pictor --to postgresql://pictor@127.0.0.1/pictor"]
    static let details = """
        Stop the server first. The database is made by you and empty; its tables are made here. Stopped half-way, run it
        again: what is there stays. Ids stay the same, so every address goes on working. Afterwards set DATABASE_URL and
        start the server; the SQLite file is left as it is.
        """

    private let arguments: Arguments

    init(_ arguments: Arguments) throws {
        try arguments.requireNoWords()
        self.arguments = arguments
    }

    func run() async throws -> Int32 {
        let settings = try Settings(layers(arguments))
        let directory = try DataDirectory(creating: settings.dataDirectory)
        let lock = try directory.lock()
        guard let url = arguments.value("--to").map({ Secret($0) }) ?? settings.engines.databaseURL else {
            throw UsageError(description: "name the PostgreSQL database with --to URL")
        }
        let source = try openSQLite(directory, settings)
        let target = try await openPostgreSQL(url, settings, metrics: Metrics(), log: .silent)
        let spool = try directory.claimSpool()
        let fresh = try SQLiteDatabase.open(path: "\(spool.path)/fresh.db", metrics: Metrics(), log: .silent)
        for database in [source, target, fresh] as [any Database] { try await migrate(database, allMigrations) }
        let copy = RowCopy(from: source, to: target, fresh: fresh, except: ["health_probe", "job_worker"])
        var bar: ProgressBar?
        let tables = try await copy { done, total, table in
            if bar == nil { bar = ProgressBar(total: total, unit: "rows") }
            bar?.show(done, table)
        }
        bar?.finish()
        for database in [target, source, fresh] as [any Database] { await database.close() }
        withExtendedLifetime((lock, spool)) {}
        let rows = tables.reduce(0) { $0 + $1.rows }
        Terminal.print("Moved \(rows) rows in \(tables.count) tables; both databases hold the same.")
        Terminal.print("Next: set DATABASE_URL and start pictor serve.")
        return ExitCode.success
    }
}
