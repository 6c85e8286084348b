import Database
import FoundationEssentials
import Kernel

/// `pictor backup`
struct BackupCommand: Command {
    static let name = "backup"
    static let summary = "Copy the database and the pictures to a folder while the server runs"
    static let usage = "[OPTION]… FOLDER"
    static let options = commonOptions
    static let examples = ["pictor backup /backup/$(date +%F)"]
    static let details = """
        FOLDER must be new. Start from it with: pictor serve --data FOLDER
        The database is copied first and the files after it, so every row of the copy has its files, except those of
        pictures deleted in between.
        """

    private let arguments: Arguments
    private let target: String

    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        target = try arguments.onlyWord("folder for the copy")
    }

    func run() async throws -> Int32 {
        let settings = try Settings(layers(arguments))
        guard !settings.engines.isShared, settings.engines.bucket == nil else {
            throw CommandFailure(
                "backup copies SQLite and local files; for PostgreSQL and S3 see deploy/backup and docs/operations.md"
            )
        }
        let directory = try DataDirectory(creating: settings.dataDirectory)
        guard !FileManager.default.fileExists(atPath: target) else {
            throw CommandFailure("\(target) exists already; name a new folder")
        }
        guard FileManager.default.fileExists(atPath: directory.database) else {
            throw CommandFailure(
                "there is no database in \(settings.dataDirectory); name the data directory with --data"
            )
        }
        let copy = try DataDirectory(creating: target)
        let database = try openSQLite(directory, settings)
        try await database.backup(to: copy.database)
        await database.close()
        let files = try copyTree(from: directory.objects, to: copy.objects)
        Terminal.print("Copied the database and \(files) files to \(target).")
        return ExitCode.success
    }

    /// Stored files never change, so a hard link is a copy where both lie on one disk.
    private func copyTree(from source: String, to target: String) throws -> Int {
        let manager = FileManager.default
        var count = 0
        for name in try manager.contentsOfDirectory(atPath: source) where !name.hasPrefix(".") {
            let (from, to) = ("\(source)/\(name)", "\(target)/\(name)")
            var isFolder = false
            guard manager.fileExists(atPath: from, isDirectory: &isFolder) else { continue }
            if isFolder {
                try manager.createDirectory(atPath: to, withIntermediateDirectories: true)
                count += try copyTree(from: from, to: to)
            } else if (try? manager.linkItem(atPath: from, toPath: to)) != nil
                || (try? manager.copyItem(atPath: from, toPath: to)) != nil
            {
                count += 1
            }
        }
        return count
    }
}
