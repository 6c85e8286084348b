import FoundationEssentials
import Jobs
import Kernel
import Memes

/// `pictor ingest`
struct IngestCommand: Command {
    static let name = "ingest"
    static let summary = "Take in memes from files and folders and wait until they can be found"
    static let usage = "[OPTION]… PATH|SOURCE…"
    static let options =
        commonOptions + [
            .option("--library", "NAME", "The library they shall stand in; made when there is none."),
            .flag("--no-wait", "End when all is stored, without waiting for the reading."),
            .flag("--json", "Print the result as JSON."),
        ]
    static let examples = [
        "pictor ingest ./memes --data ./data", "pictor ingest --library cats ~/Pictures/cats",
        "pictor ingest s3://memes/cats",
    ]
    static let details = """
        Of a folder every .jpg, .jpeg, .png, .webp and .gif is taken, also from the folders in it. A file that is there
        already, under whatever name, is noted as another source of the same meme. A server on the same data directory
        does the reading; without one this command does. Of s3://bucket/folder, oss://bucket/folder and local:///folder
        the pictures are pulled, with the keys and folders of memes.pull in the settings. Ends with what was refused and
        why; exit code 1 when something was.
        """

    private struct Outcome: Sendable {
        let path: String
        var added: MemesModule.Added?
        var problem: String?
        /// The file name of an older meme with the same picture and words.
        var original: String?
    }

    let arguments: Arguments

    init(_ arguments: Arguments) throws {
        guard !arguments.words.isEmpty else { throw UsageError(description: "name at least one file or folder") }
        self.arguments = arguments
    }

    func run() async throws -> Int32 {
        if arguments.words.contains(where: isSource) { return try await pull() }
        let files = try arguments.words.flatMap { try pictures(below: $0) }
        guard !files.isEmpty else { throw CommandFailure("no pictures there; .jpg, .png, .webp and .gif are taken") }
        let settings = try Settings(layers(arguments))
        let opened = try await OpenStores(settings, reads: true, embeds: true)
        let crew = opened.crew(settings)
        try await opened.memes.prepareSpace()
        var outcomes = try await store(files, in: opened)
        if !arguments.has("--no-wait") {
            try await opened.waitUntilRead(outcomes.compactMap(\.added?.id), crew)
            try await findCopies(among: &outcomes, in: opened.memes)
        }
        await crew?.end()
        await opened.close()
        report(outcomes)
        return outcomes.allSatisfy { $0.problem == nil } ? ExitCode.success : ExitCode.failure
    }

    /// Two at a time: one is decoded while the other is read and written.
    private func store(_ files: [String], in opened: OpenStores) async throws -> [Outcome] {
        let name = arguments.value("--library")
        let library: MemeLibrary? = if let name { try await opened.memes.library(named: name) } else { nil }
        var bar = ProgressBar(total: files.count, unit: "files")
        var outcomes: [Outcome] = []
        await withTaskGroup(of: Outcome.self) { group in
            func take(_ outcome: Outcome) {
                outcomes.append(outcome)
                bar.show(outcomes.count, outcome.path)
            }
            for (index, file) in files.enumerated() {
                if index >= 2, let outcome = await group.next() { take(outcome) }
                group.addTask { await Self.add(file, to: opened.memes, library) }
            }
            for await outcome in group { take(outcome) }
        }
        bar.finish()
        return outcomes.sorted { $0.path < $1.path }
    }

    private static func add(_ path: String, to memes: MemesModule, _ library: MemeLibrary?) async -> Outcome {
        guard let data = FileManager.default.contents(atPath: path) else {
            return Outcome(path: path, problem: "the file cannot be read")
        }
        do {
            let added = try await memes.add(
                Array(data),
                name: path.split(separator: "/").last.map(String.init) ?? path,
                source: "file:\(absolute(path))",
                library: library?.id,
            )
            return Outcome(path: path, added: added)
        } catch let error as any Failure {
            return Outcome(path: path, problem: error.message)
        } catch {
            return Outcome(path: path, problem: "\(error)")
        }
    }

    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
    }

    /// Looks for new memes that were there in another size or encoding.
    private func findCopies(among outcomes: inout [Outcome], in memes: MemesModule) async throws {
        let new = outcomes.compactMap { $0.added?.isNew == true ? $0.added?.id : nil }
        guard !new.isEmpty else { return }
        try await memes.readIndex()
        let originals = try await memes.copies(among: new)
        for place in outcomes.indices { outcomes[place].original = outcomes[place].added.flatMap { originals[$0.id] } }
    }

    private func report(_ outcomes: [Outcome]) {
        let failed = outcomes.filter { $0.problem != nil }
        let new = outcomes.filter { $0.added?.isNew == true }
        let known = outcomes.count - failed.count - new.count
        if arguments.has("--json") {
            let refused = failed.map { ["path": JSON($0.path), "problem": JSON($0.problem)] as JSON }
            let copies = outcomes.compactMap { outcome in
                outcome.original.map { ["path": JSON(outcome.path), "original": JSON($0)] as JSON }
            }
            let body: JSON = [
                "added": JSON(new.count), "known": JSON(known), "refused": JSON(refused), "copies": JSON(copies),
            ]
            Terminal.print(body.prettyText)
            return
        }
        for outcome in failed { Terminal.printError("\(Terminal.red("✗")) \(outcome.path): \(outcome.problem ?? "")") }
        for outcome in outcomes {
            guard let original = outcome.original else { continue }
            Terminal.print("\(outcome.path): the same picture with the same words was there already, as \(original)")
        }
        let end = arguments.has("--no-wait") ? "stored and will be read" : "searchable"
        Terminal.print("\(new.count) new memes are \(end), \(known) were there already, \(failed.count) were refused.")
    }
}
