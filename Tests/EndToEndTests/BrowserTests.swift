import Foundation
import Kernel
import TestSupport
import Testing

/// The journeys of a person, in Chromium: `Tests/Browser`, one file each. With `PICTOR_SCREENS=docs/screens` they also
/// renew the screenshots. One after the other: two browsers at once would only wait for each other.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct BrowserTests {
    // The longest first: this suite is the last to end.
    @Test(arguments: ["test_everywhere.py", "test_memes.py", "test_looking.py", "test_upload.py", "test_translate.py"])
    func journeysOfADeveloper(file: String) async throws {
        let server = try await RunningServer()
        try await expectSuccess(of: file, ["PICTOR_URL": server.url])
    }

    @Test func journeysOfSomebodyWithAToken() async throws {
        let server = try await RunningServer(
            environment: ["PICTOR_MODE": "production", "RATE_LIMIT_MAX_UPLOADS": "1"]
        )
        let token = Client.token(sub: "browser-tester")
        try await expectSuccess(of: "test_token.py", ["PICTOR_CLOSED_URL": server.url, "PICTOR_TOKEN": token])
    }

    @Test func journeysOfSomebodyWhoPullsMemes() async throws {
        let folder = try TemporaryFolder()
        let server = try await RunningServer(environment: ["PICTOR_MEMES_PULL_LOCAL_ROOTS": folder.path])
        let token = Client.token(sub: "browser-tester", claims: ["permissions": ["pull"]])
        try await expectSuccess(
            of: "test_memes_pull.py",
            ["PICTOR_URL": server.url, "PICTOR_TOKEN": token, "PICTOR_PULL_FOLDER": folder.path],
        )
    }

    @Test func journeysOfSomebodyWithManyMemes() async throws {
        // Nothing to read with: this is about their number.
        let folder = try TemporaryFolder()
        let server = try await RunningServer(environment: ["TESSDATA_PREFIX": folder.path])
        try await expectSuccess(of: "test_memes_many.py", ["PICTOR_URL": server.url])
    }

    private func expectSuccess(of file: String, _ settings: [String: String]) async throws {
        var environment = ["HOME": NSTemporaryDirectory()].merging(settings) { $1 }
        if let screens = ProcessInfo.processInfo.environment["PICTOR_SCREENS"] {
            environment["PICTOR_SCREENS"] = screens.hasPrefix("/") ? screens : "\(repositoryRoot)/\(screens)"
        }
        let run = try await runProgram(
            [
                "\(repositoryRoot)/.pictor/venv/bin/python", "-B", "-m", "pytest", "-q", "--tb=short", "-p",
                "no:cacheprovider", "\(repositoryRoot)/Tests/Browser/\(file)",
            ],
            environment: environment,
            atMost: 540,
        )
        #expect(run.code == 0, "\(file):\n\(run.output.suffix(4000))")
    }
}
