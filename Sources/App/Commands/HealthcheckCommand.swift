import HTTPClient
import Kernel

/// `pictor healthcheck`
struct HealthcheckCommand: Command {
    static let name = "healthcheck"
    static let summary = "Ask a running server whether it is ready, for containers and scripts"
    static let options = [Option.option("--url", "URL", "The server (http://127.0.0.1:8080).")]
    static let details = "Exit code 0 when it is ready, 1 when it is not or does not answer."

    private let url: String

    init(_ arguments: Arguments) throws {
        try arguments.requireNoWords()
        url = arguments.value("--url") ?? "http://127.0.0.1:8080"
    }

    func run() async throws -> Int32 {
        let client = HTTPClient()
        do {
            let answer = try await client.send(
                HTTPRequest(.get, "\(url)/health/ready", timeouts: HTTPTimeouts(total: .seconds(5)))
            )
            guard answer.status == 200 else { throw CommandFailure("\(url) is not ready (\(answer.status))") }
        } catch let error as HTTPClientError {
            throw CommandFailure("\(url) does not answer: \(error.message)")
        }
        Terminal.print("ready")
        return ExitCode.success
    }
}
