import FoundationEssentials
import Glibc
import Kernel
import Memes
import Synchronization

/// `pictor pack import`
struct PackImportCommand: Command {
    static let name = "pack import"
    static let summary = "Take in packs of memes, ZIP archives of pictures, or manifests"
    static let usage = "[OPTION]… FILE|ADDRESS…"
    static let options =
        commonOptions + [
            .option("--library", "NAME", "Where all shall stand, instead of where the pack says."),
            .flag("--no-wait", "End when all is stored, without waiting for the reading."),
            .flag("--json", "Print the result as JSON."),
        ]
    static let examples = [
        "pictor pack import cats.zip", "pictor pack import --library cats ./cats/manifest.csv",
        "pictor pack import https://memes.example/community_manifest.json",
    ]
    static let details = """
        FILE is a .zip, or a manifest that ends with .json, .jsonl or .csv and names files beside it or in folders below.
        ADDRESS leads to such a manifest on a server, or to a list of packs such as a community_manifest.json.
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
        for word in arguments.words {
            guard RemotePack.isAddress(word) else {
                reports.append((word, try await take(word, in: opened)))
                continue
            }
            for pack in try await RemotePack.packs(at: word) {
                reports.append((pack.address, try await take(pack, in: opened)))
            }
        }
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
        let isManifest = [".json", ".jsonl", ".csv"].contains { file.lowercased().hasSuffix($0) }
        return try await showingProgress { progress in
            guard isManifest else {
                let library = arguments.value("--library")
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
                into: arguments.value("--library"),
                read: { name, limit in pictureBeside("\(place)/\(name)", limit: limit) },
                progress: progress,
            )
        }
    }

    private func take(_ pack: RemotePack, in opened: OpenStores) async throws -> MemesModule.PackReport {
        let manifest = try await pack.manifest()
        return try await showingProgress { progress in
            try await opened.memes.importPack(
                manifest: manifest,
                named: pack.address,
                into: arguments.value("--library"),
                read: pack.read,
                progress: progress,
            )
        }
    }

    private func showingProgress(
        _ work: (@escaping MemesModule.PackProgress) async throws -> MemesModule.PackReport
    ) async throws -> MemesModule.PackReport {
        let bar = Mutex(ProgressBar(total: 0, unit: "files"))
        defer { bar.withLock { $0.finish() } }
        return try await work { done, total in
            bar.withLock { bar in
                bar.total = total
                bar.show(done, "")
            }
        }
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
