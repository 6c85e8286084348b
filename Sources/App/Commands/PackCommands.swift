import FoundationEssentials
import Glibc
import Kernel
import Memes
import Synchronization

/// `pictor pack export`
struct PackExportCommand: Command {
    static let name = "pack export"
    static let summary = "Pack memes with all that is known of them into one ZIP archive"
    static let usage = "[OPTION]… FILE.zip"
    static let options =
        commonOptions + [
            .option("--library", "NAME", "Only memes of this library."),
            .option("--query", "TEXT", "Only what this search or these filters find; a search gives at most 1000."),
            .flag("--json", "Print the result as JSON."),
        ]
    static let examples = [
        "pictor pack export --library cats cats.zip", "pictor pack export --query tag:cat tagged.zip",
    ]
    static let details = """
        The archive has the pictures as they came in, and a manifest.json with their names, libraries and everything that
        was said of them and by whom. 'pictor pack import' takes it in elsewhere. FILE.zip appears when it is complete.
        """

    private let arguments: Arguments
    private let path: String

    init(_ arguments: Arguments) throws {
        path = try arguments.onlyWord("file for the pack")
        self.arguments = arguments
    }

    func run() async throws -> Int32 {
        let opened = try await OpenStores(Settings(layers(arguments)), embeds: arguments.has("--query"))
        try await opened.memes.readIndex()
        var selection = PackSelection(query: arguments.value("--query") ?? "")
        if let library = arguments.value("--library") {
            selection.conditions = [MemeQuery.Condition("lib", [library])]
        }
        let file = try NewFile(at: path)
        let bar = Mutex(ProgressBar(total: 0, unit: "memes"))
        let count = try await opened.memes.exportPack(
            selection,
            progress: { done, total in
                bar.withLock { bar in
                    bar.total = total
                    bar.show(done, "")
                }
            },
            write: { try file.write($0) },
        )
        let bytes = try file.finish()
        bar.withLock { $0.finish() }
        await opened.close()
        if arguments.has("--json") {
            Terminal.print((["memes": JSON(count), "bytes": JSON(bytes), "file": JSON(path)] as JSON).prettyText)
        } else {
            Terminal.print("\(count) memes are in \(path).")
        }
        return ExitCode.success
    }
}

/// `pictor pack import`
struct PackImportCommand: Command {
    static let name = "pack import"
    static let summary = "Take in packs of memes, ZIP archives of pictures, or manifests"
    static let usage = "[OPTION]… FILE…"
    static let options =
        commonOptions + [
            .option("--library", "NAME", "Where all shall stand, instead of where the pack says."),
            .flag("--no-wait", "End when all is stored, without waiting for the reading."),
            .flag("--json", "Print the result as JSON."),
        ]
    static let examples = ["pictor pack import cats.zip", "pictor pack import --library cats ./cats/manifest.csv"]
    static let details = """
        FILE is a .zip, or a manifest that ends with .json, .jsonl or .csv and names files beside it or in folders below.
        Doing it again is safe: what is there already only gets what it lacks, and what a person wrote here stays. Ends with
        what was refused and why; exit code 1 when something was.
        """

    private let arguments: Arguments

    init(_ arguments: Arguments) throws {
        guard !arguments.words.isEmpty else { throw UsageError(description: "name at least one pack") }
        self.arguments = arguments
    }

    func run() async throws -> Int32 {
        let settings = try Settings(layers(arguments))
        let opened = try await OpenStores(settings, reads: true, embeds: true)
        let crew = opened.crew(settings)
        try await opened.memes.prepareSpace()
        var reports: [(file: String, report: MemesModule.PackReport)] = []
        for file in arguments.words { reports.append((file, try await take(file, in: opened))) }
        if !arguments.has("--no-wait") {
            try await opened.waitUntilRead(reports.flatMap { Array($0.report.memes) }, crew)
        }
        await crew?.end()
        await opened.close()
        for (file, report) in reports { tell(file, report) }
        return reports.allSatisfy { $0.report.refused == 0 } ? ExitCode.success : ExitCode.failure
    }

    private func take(_ file: String, in opened: OpenStores) async throws -> MemesModule.PackReport {
        guard FileManager.default.isReadableFile(atPath: file) else { throw CommandFailure("\(file) cannot be read") }
        let library = arguments.value("--library")
        let bar = Mutex(ProgressBar(total: 0, unit: "files"))
        defer { bar.withLock { $0.finish() } }
        let progress: MemesModule.PackProgress = { done, total in
            bar.withLock { bar in
                bar.total = total
                bar.show(done, "")
            }
        }
        let isManifest = [".json", ".jsonl", ".csv"].contains { file.lowercased().hasSuffix($0) }
        guard isManifest else {
            return try await opened.memes.importPack(archive: file, into: library, progress: progress)
        }
        guard let manifest = FileManager.default.contents(atPath: file) else {
            throw CommandFailure("\(file) cannot be read")
        }
        let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let place = folder.isEmpty ? (file.hasPrefix("/") ? "/" : ".") : folder
        return try await opened.memes.importPack(
            manifest: Array(manifest),
            named: file,
            into: library,
            read: { name, limit in pictureBeside("\(place)/\(name)", limit: limit) },
            progress: progress,
        )
    }

    private func tell(_ file: String, _ report: MemesModule.PackReport) {
        if arguments.has("--json") {
            return Terminal.print((["file": JSON(file)] as JSON).merging(report.json).prettyText)
        }
        for problem in report.problems {
            Terminal.printError("\(Terminal.red("✗")) \(problem.file): \(problem.message)")
        }
        let rest = report.refused - report.problems.count
        if rest > 0 { Terminal.printError("and \(rest) more") }
        let ignored = report.ignored > 0 ? ", \(report.ignored) were passed over" : ""
        Terminal.print(
            "\(file): \(report.added) new memes, \(report.known) were there already, \(report.refused) were refused\(ignored)."
        )
    }
}

/// A file of this machine, for a manifest that names it.
private func pictureBeside(_ path: String, limit: Int) -> MemesModule.PackFile {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return .missing }
    guard status.st_size <= limit else { return .tooLarge }
    return FileManager.default.contents(atPath: path).map { .bytes(Array($0)) } ?? .missing
}
