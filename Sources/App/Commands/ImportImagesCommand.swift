import Database
import FoundationEssentials
import Images
import Kernel
import Telemetry

/// `pictor import images`
struct ImportImagesCommand: Command {
    static let name = "import images"
    static let summary = "Take over the pictures of the original system, with their ids"
    static let options =
        commonOptions + [
            .option("--database", "FILE", "The original's processor.db."),
            .option("--storage", "DIR", "The original's storage folder."),
            .flag("--json", "Print the result as JSON."),
        ]
    static let examples = ["pictor import images --database /data/processor.db --storage /data/storage"]
    static let details = "The original is only read. Safe to run again; what is there already is passed over."

    private let arguments: Arguments
    private let database: String
    private let storage: String

    init(_ arguments: Arguments) throws {
        try arguments.requireNoWords()
        guard let database = arguments.value("--database"), let storage = arguments.value("--storage") else {
            throw UsageError(description: "both --database FILE and --storage DIR are needed")
        }
        self.arguments = arguments
        self.database = database
        self.storage = storage
    }

    func run() async throws -> Int32 {
        for path in [database, storage] where !FileManager.default.fileExists(atPath: path) {
            throw CommandFailure("\(path) does not exist")
        }
        let opened = try await OpenStores(Settings(layers(arguments)))
        // A copy, because opening a database switches its journal.
        let copy = "\(opened.spool.path)/import.db"
        try? FileManager.default.removeItem(atPath: copy)
        try FileManager.default.copyItem(atPath: database, toPath: copy)
        let source = try SQLiteDatabase.open(path: copy, metrics: Metrics(), log: .silent)
        var bar: ProgressBar?
        let report = try await opened.images.importOriginal(from: source, storageFolder: storage) { done, total in
            if bar == nil { bar = ProgressBar(total: total, unit: "pictures") }
            bar?.show(done, "")
        }
        bar?.finish()
        await source.close()
        await opened.close()
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: copy + suffix) }
        print(report)
        return report.skipped.isEmpty ? ExitCode.success : ExitCode.failure
    }

    private func print(_ report: ImagesModule.ImportReport) {
        if arguments.has("--json") {
            let skipped = report.skipped.map { (key: $0.id, value: JSON($0.reason)) }
            Terminal.print(
                (["imported": JSON(report.imported), "present": JSON(report.present), "skipped": .object(skipped)]
                    as JSON)
                    .prettyText
            )
            return
        }
        Terminal.print(
            "\(report.imported) taken over, \(report.present) were there already, \(report.skipped.count) skipped"
        )
        for (id, reason) in report.skipped { Terminal.printError("\(id): \(reason)") }
    }
}
