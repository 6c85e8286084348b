import FoundationEssentials
import HTTPClient
import Kernel

/// `pictor upload`
struct UploadCommand: Command {
    static let name = "upload"
    static let summary = "Send pictures and folders to a server and wait until they are ready"
    static let usage = "[OPTION]… PATH…"
    static let options = [
        Option.option("--url", "URL", "The server (http://127.0.0.1:8080)."),
        .option("--token", "TOKEN", "A token or API key (or set PICTOR_TOKEN); not needed on a development server."),
        .option("--bucket", "NAME", "Where the pictures belong (uploads)."),
        .flag("--lenient", "Take pictures whose end is missing as far as they go."),
        .flag("--no-wait", "End when all is sent, without waiting for the sizes."),
        .flag("--json", "Print the result as JSON."),
    ]
    static let examples = ["pictor upload photo.jpg", "pictor upload --bucket holidays ~/Pictures/2026"]
    static let details = """
        Of a folder every .jpg, .jpeg, .png, .webp and .gif is sent, also from the folders in it. Ends with what failed and
        why; exit code 1 when something did.
        """

    private let arguments: Arguments

    init(_ arguments: Arguments) throws {
        guard !arguments.words.isEmpty else { throw UsageError(description: "name at least one file or folder") }
        self.arguments = arguments
    }

    func run() async throws -> Int32 {
        let files = try arguments.words.flatMap { try pictures(below: $0) }
        guard !files.isEmpty else { throw CommandFailure("no pictures there; .jpg, .png, .webp and .gif are sent") }
        let sender = PictureSender(
            url: arguments.value("--url") ?? "http://127.0.0.1:8080",
            token: token,
            bucket: arguments.value("--bucket") ?? "uploads",
            isLenient: arguments.has("--lenient"),
            waits: !arguments.has("--no-wait"),
        )
        let results = try await sendAll(files, with: sender)
        report(results)
        return results.allSatisfy { $0.problem == nil } ? ExitCode.success : ExitCode.failure
    }

    private var token: String? {
        arguments.value("--token") ?? ProcessInfo.processInfo.environment["PICTOR_TOKEN"]
    }

    /// Four at a time: one is read and sent while others wait for the server.
    private func sendAll(_ files: [String], with sender: PictureSender) async throws -> [PictureSender.Result] {
        var bar = ProgressBar(total: files.count, unit: "files")
        var results: [PictureSender.Result] = []
        bar.show(0, "")
        await withTaskGroup(of: PictureSender.Result.self) { group in
            func take(_ result: PictureSender.Result) {
                results.append(result)
                bar.show(results.count, result.path)
            }
            for (index, file) in files.enumerated() {
                if index >= 4, let result = await group.next() { take(result) }
                group.addTask { await sender.send(file) }
            }
            for await result in group { take(result) }
        }
        bar.finish()
        return results.sorted { $0.path < $1.path }
    }

    private func report(_ results: [PictureSender.Result]) {
        let failed = results.filter { $0.problem != nil }
        if arguments.has("--json") {
            Terminal.print(JSON(results.map(\.json)).prettyText)
            return
        }
        for result in results where result.problem == nil && results.count <= 20 {
            Terminal.print("\(Terminal.green("✓")) \(result.path)  \(Terminal.dim(result.image ?? ""))")
        }
        for result in failed { Terminal.printError("\(Terminal.red("✗")) \(result.path): \(result.problem ?? "")") }
        Terminal.print(
            "\(results.count - failed.count) of \(results.count) pictures are \(arguments.has("--no-wait") ? "sent" : "ready")."
        )
    }
}

/// The file itself, or the pictures in a folder and the folders in it, by their endings, in the order of their names.
///
/// - Throws: ``CommandFailure`` when there is nothing at `path`.
func pictures(below path: String) throws -> [String] {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw CommandFailure("\(path) does not exist")
    }
    guard isFolder else { return [path] }
    let endings = [".jpg", ".jpeg", ".png", ".webp", ".gif"]
    return try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
        .filter { name in endings.contains { name.lowercased().hasSuffix($0) } }
        .map { "\(path)/\($0)" }
}
