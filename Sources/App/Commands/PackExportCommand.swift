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
