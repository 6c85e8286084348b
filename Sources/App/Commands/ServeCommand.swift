import Configuration
import Kernel

/// `pictor serve`
struct ServeCommand: Command {
    static let name = "serve"
    static let summary = "Serve the API and the pages, and work on pictures"
    static let options =
        commonOptions + [
            .option("--host", "HOST", "The address to listen on (127.0.0.1)."),
            .option("--port", "N", "The port to listen on (8080); 0 takes a free one."),
            .flag("--no-workers", "Only serve; leave the work to others."),
        ]
    static let examples = ["pictor serve", "pictor serve --port 9000 --data /srv/pictor"]
    static let details = "Ends on SIGTERM or Ctrl-C after running requests and jobs have ended."

    private let arguments: Arguments

    init(_ arguments: Arguments) throws {
        try arguments.requireNoWords()
        self.arguments = arguments
    }

    func run() async throws -> Int32 {
        let signals = Signals()
        let settings = try Settings(layers(arguments), isServer: true)
        let process = try await PictorProcess(settings, hasWorkers: !arguments.has("--no-workers"))
        try await process.serve(until: signals)
        return ExitCode.success
    }
}

/// Options that every command over a data directory takes.
let commonOptions: [Option] = [
    .option("--config", "FILE", "Read this instead of pictor.yaml."),
    .option("--data", "DIR", "The data directory (./data)."),
]

/// The settings' layers with the command line on top, and above it what a command demands.
func layers(_ arguments: Arguments, _ demanded: SettingsLayers.Option...) -> SettingsLayers {
    let keys = [("--data", "data.directory"), ("--host", "server.host"), ("--port", "server.port")]
    let options = keys.compactMap { option, key in
        arguments.value(option).map { SettingsLayers.Option(option, sets: key, to: $0) }
    }
    return SettingsLayers.load(file: arguments.value("--config"), options: options + demanded)
}
