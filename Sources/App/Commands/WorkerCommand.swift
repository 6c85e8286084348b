import Kernel

/// `pictor worker`
struct WorkerCommand: Command {
    static let name = "worker"
    static let summary = "Work on pictures without serving"
    static let options = commonOptions
    static let details = """
        With SQLite the one process that serves also works, so this refuses while another process holds the data
        directory; it is for working through a queue while nobody serves. With PostgreSQL any number may work, and with
        workers.port (PICTOR_WORKERS_PORT) each answers for health and metrics.
        """

    private let arguments: Arguments

    init(_ arguments: Arguments) throws {
        try arguments.requireNoWords()
        self.arguments = arguments
    }

    func run() async throws -> Int32 {
        let signals = Signals()
        let process = try await PictorProcess(Settings(layers(arguments)), hasWorkers: true)
        try await process.work(until: signals)
        return ExitCode.success
    }
}
