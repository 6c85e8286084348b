import Foundation
import TestSupport
import Testing

/// What `deploy/` holds, by the tools that it is made for: `Tests/Deployment`, one file each. One after the other, since
/// each starts servers of its own.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct DeploymentTests {
    private static let files = [
        "test_backup.py", "test_caddy.py", "test_compose.py", "test_image.py", "test_kubernetes.py",
        "test_nginx.py", "test_prometheus.py",
    ]

    @Test(arguments: files)
    func deployment(file: String) async throws {
        let run = try await runProgram(
            [
                "\(repositoryRoot)/.pictor/venv/bin/python", "-B", "-m", "pytest", "-q", "--tb=short", "-p",
                "no:cacheprovider", "\(repositoryRoot)/Tests/Deployment/\(file)",
            ],
            environment: ["PICTOR_TEST_BINARY": binary],
            atMost: 540,
        )
        #expect(run.code == 0, "\(file):\n\(run.output.suffix(4000))")
    }

    @Test func everyFileOfTheFolderRuns() throws {
        let there = try FileManager.default.contentsOfDirectory(atPath: "\(repositoryRoot)/Tests/Deployment")
        #expect(there.filter { $0.hasPrefix("test_") }.sorted() == Self.files)
    }
}
