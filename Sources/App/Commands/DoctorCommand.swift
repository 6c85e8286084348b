import Configuration
import Database
import FoundationEssentials
import HTTPClient
import Imaging
import Kernel
import ModelGateway
import ObjectStore
import Telemetry
import TextEmbedding

/// `pictor doctor`
struct DoctorCommand: Command {
    static let name = "doctor"
    static let summary = "Check everything that the server depends on and say how to mend it"
    static let options = commonOptions + [.flag("--json", "Print JSON.")]
    static let details = "Exit code 0 when all is well, 1 when something must be mended."

    private struct Finding {
        let part: String
        let problem: String?
        let note: String
    }

    private let arguments: Arguments

    init(_ arguments: Arguments) throws {
        try arguments.requireNoWords()
        self.arguments = arguments
    }

    func run() async throws -> Int32 {
        let settings = try Settings(layers(arguments))
        let findings = await [
            configuration(settings), directory(settings), database(settings), storage(settings), disk(settings),
            imaging(), decoders(), meanings(settings), remoteModels(settings), openFiles(),
        ]
        if arguments.has("--json") {
            let parts = findings.map { finding -> (key: String, value: JSON) in
                (finding.part, ["ok": JSON(finding.problem == nil), "detail": JSON(finding.problem ?? finding.note)])
            }
            Terminal.print(JSON.object(parts).prettyText)
        } else {
            for finding in findings { Terminal.print(line(finding)) }
        }
        return findings.allSatisfy { $0.problem == nil } ? ExitCode.success : ExitCode.failure
    }

    private func line(_ finding: Finding) -> String {
        let part = finding.part + String(repeating: " ", count: max(0, 14 - finding.part.count))
        guard let problem = finding.problem else {
            return "\(Terminal.green("✓")) \(part) \(Terminal.dim(finding.note))"
        }
        return "\(Terminal.red("✗")) \(part) \(problem)"
    }

    private func check(
        _ part: String,
        _ note: String,
        _ mend: String,
        _ body: () async throws -> Void,
    ) async -> Finding {
        do {
            try await body()
            return Finding(part: part, problem: nil, note: note)
        } catch {
            let reason = (error as? any Failure)?.message ?? "\(error)"
            let sentence = reason.hasSuffix(".") ? reason : reason + "."
            return Finding(part: part, problem: "\(sentence) \(mend)", note: note)
        }
    }

    private func configuration(_ settings: Settings) async -> Finding {
        Finding(
            part: "configuration",
            problem: nil,
            note: "\(settings.mode.rawValue) mode, \(settings.catalogue.entries.count) settings",
        )
    }

    private func directory(_ settings: Settings) async -> Finding {
        await check("data", settings.dataDirectory, "Choose another folder with --data DIR.") {
            _ = try DataDirectory(creating: settings.dataDirectory)
        }
    }

    private func database(_ settings: Settings) async -> Finding {
        guard !settings.engines.isShared else {
            return await check("database", "PostgreSQL answers", "See docs/operations.md, PostgreSQL.") {
                let database = try await openDatabase(DataDirectory(creating: settings.dataDirectory), settings)
                await database.close()
            }
        }
        return await check("database", "SQLite, whole", "Restore the latest backup, see docs/operations.md.") {
            let database = try openSQLite(DataDirectory(creating: settings.dataDirectory), settings)
            let problems = try await database.integrityProblems()
            await database.close()
            if let problem = problems.first { throw CommandFailure(problem) }
        }
    }

    private func storage(_ settings: Settings) async -> Finding {
        let isBucket = settings.engines.bucket != nil
        return await check(
            "storage",
            isBucket ? "S3 bucket, writable" : "local files, writable",
            isBucket ? "See docs/operations.md, S3." : "Give the server's user the right to write there.",
        ) {
            let directory = try DataDirectory(creating: settings.dataDirectory)
            try await openObjects(settings.engines, directory, HTTPClient()).check()
        }
    }

    private func disk(_ settings: Settings) async -> Finding {
        let free = MachineStatistics.diskSpace(path: settings.dataDirectory).free
        let gigabytes = Double(free) / 1_073_741_824
        let text = "\((gigabytes * 10).rounded() / 10) GB free"
        return await check("disk", text, "Free space, or lower data.minimum_free.") {
            if free < Int64(settings.minimumFreeDisk) { throw CommandFailure("Only \(text)") }
        }
    }

    private func imaging() async -> Finding {
        await check("imaging", "libvips and libwebp encode", "Run script/setup again.") {
            try Imaging.start()
            try Imaging.selfTest()
        }
    }

    private func decoders() async -> Finding {
        Finding(part: "decoders", problem: PictureConversion.missingDecoders, note: "vips opens HEIC, AVIF and PDF")
    }

    private func remoteModels(_ settings: Settings) async -> Finding {
        let needs = settings.models.needs
        let note = needs.isEmpty ? "no remote ones, and none needed" : "\(needs.count) remote, each with its key"
        return await check("remote models", note, "See: pictor models.") {
            if let (model, missing) = needs.first(where: { !$0.missing.isEmpty }) {
                throw CommandFailure("\(model) needs \(missing.joined(separator: ", "))")
            }
        }
    }

    private func meanings(_ settings: Settings) async -> Finding {
        let (home, chosen) = (ModelHome.find(), settings.embedding)
        return await check("meanings", "\(chosen.model) compares texts", "Until then words alone are compared.") {
            try home.checkLibraries()
            let damaged = try home.model(chosen.model, kind: .embedding).damagedFiles()
            guard damaged.isEmpty else {
                throw CommandFailure(
                    "files of the model \(chosen.model) are damaged: \(damaged.joined(separator: ", "))"
                )
            }
            let embedder = try chosen.openEmbedder(home, lanes: 1)
            _ = try await embedder.embed(["a first text"], as: .query)
            _ = try chosen.openReranker(home, lanes: 1)
        }
    }

    private func openFiles() async -> Finding {
        let limit = openFileLimit()
        return await check("open files", "\(limit) allowed", "Raise it: ulimit -n 65536, or LimitNOFILE in the unit.") {
            if limit < 1024 { throw CommandFailure("Only \(limit) files may be open") }
        }
    }
}
