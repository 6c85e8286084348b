import Database

/// `pictor migrate`
struct MigrateCommand: Command {
    static let name = "migrate"
    static let summary = "Bring the database to this version's schema"
    static let options = commonOptions
    static let details = "serve does this at its start; use it to separate the two. A newer schema is refused."

    private let arguments: Arguments

    init(_ arguments: Arguments) throws {
        try arguments.requireNoWords()
        self.arguments = arguments
    }

    func run() async throws -> Int32 {
        let settings = try Settings(layers(arguments))
        let directory = try DataDirectory(creating: settings.dataDirectory)
        let lock = settings.engines.isShared ? nil : try directory.lock()
        let database = try await openDatabase(directory, settings)
        try await migrate(database, allMigrations)
        await database.close()
        withExtendedLifetime(lock) {}
        Terminal.print("The database is at the schema of version \(Program.version).")
        return ExitCode.success
    }
}
