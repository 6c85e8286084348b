import Foundation
import TestSupport
import Testing

/// The examples of the pages run as they are written.
@Suite(.timeLimit(.minutes(5)))
struct DocumentedExampleTests {
    @Test("shell examples run", arguments: ["docs/authorization.md", "docs/images.md", "README.md"])
    func shellExamples(page: String) async throws {
        let server = try await RunningServer()
        let folder = try TemporaryFolder()
        try Data(fixture("photo.jpg")).write(to: URL(filePath: "\(folder.path)/photo.jpg"))
        let script = try examples(of: page).replacing("http://127.0.0.1:8080", with: server.url)
        #expect(script.contains("curl"))
        try Data("set -euo pipefail\n\(script)".utf8).write(to: URL(filePath: "\(folder.path)/examples.sh"))
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let programs = binary.split(separator: "/").dropLast().map { "/\($0)" }.joined()
        let answer = try await runProgram(
            ["/bin/bash", "examples.sh"],
            environment: ["PATH": "\(programs):\(path)", "JWT_SECRET_KEY": RunningServer.secret],
            folder: folder.path,
        )
        #expect(answer.code == 0, "\(answer.output)")
        #expect(!answer.output.contains(#""error":""#), "\(answer.output)")
    }
}

/// All shell blocks of a page that talk to a server, one after the other.
private func examples(of page: String) throws -> String {
    let blocks = try text(ofFile: page).matches(of: /(?ms)^```bash\n(.*?)^```/).map { String($0.1) }
    return blocks.filter { $0.contains("http://127.0.0.1:8080") }.joined(separator: "\n")
}

/// A text file of the repository.
func text(ofFile path: String) throws -> String {
    try String(contentsOfFile: "\(repositoryRoot)/\(path)", encoding: .utf8)
}
