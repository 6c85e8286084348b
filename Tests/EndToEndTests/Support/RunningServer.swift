import Foundation
import Glibc
import TestSupport

/// The real binary, serving on a free port with a data directory of its own; ended when the value goes.
final class RunningServer: Sendable {
    struct DidNotStart: Error {
        let output: String
    }

    /// Such as `http://127.0.0.1:40123`.
    let url: String
    let data: String
    let processID: Int32
    private let folder: TemporaryFolder?
    private let child: ChildProcess

    /// Secret of the tokens that ``token(sub:claims:)`` makes.
    static let secret = "a-secret-for-tests-that-is-long-enough-0123456789"

    /// `data` is the data directory, a new one when `nil`; `environment` holds settings on top of the tests' own, and
    /// `nil` takes one away; `command` starts the program, for tests that put something before it.
    init(
        data: String? = nil,
        environment: [String: String?] = [:],
        arguments: [String] = [],
        command: ([String]) -> [String] = { $0 },
    ) async throws {
        folder = data == nil ? try TemporaryFolder() : nil
        self.data = data ?? folder?.path ?? ""
        let settings = testSettings(environment, home: self.data)
        let line = command([binary, "serve", "--port", "0", "--data", self.data] + arguments)
        child = try ChildProcess(line, environment: settings, folder: self.data)
        guard let listening = await child.line(where: { $0.hasPrefix("listening on ") }) else {
            child.kill(SIGKILL)
            throw DidNotStart(output: child.output)
        }
        url = String(listening.dropFirst("listening on ".count))
        processID = child.processID
    }

    deinit { child.kill(SIGKILL) }

    /// Everything written so far to both outputs.
    var output: String { child.output }

    func send(_ signal: Int32) { child.kill(signal) }

    /// Waits until the process is gone.
    ///
    /// - Returns: Its exit code, or 128 and the signal that ended it.
    @discardableResult
    func exitCode() async -> Int32 { await child.exitCode() }

    /// Ends the process as an operator would, and waits.
    @discardableResult
    func stop() async -> Int32 {
        send(SIGTERM)
        return await exitCode()
    }
}

/// The real binary, working for servers elsewhere, with a data directory of its own; ended when the value goes.
final class RunningWorker: Sendable {
    private let folder: TemporaryFolder
    private let child: ChildProcess

    /// Returns when it works; `environment` holds settings on top of the tests' own.
    init(environment: [String: String]) async throws {
        folder = try TemporaryFolder()
        child = try ChildProcess(
            [binary, "worker", "--data", folder.path],
            environment: testSettings(environment, home: folder.path),
            folder: folder.path,
        )
        guard await child.line(where: { $0.contains("working") }) != nil else {
            child.kill(SIGKILL)
            throw RunningServer.DidNotStart(output: child.output)
        }
    }

    deinit { child.kill(SIGKILL) }

    /// Ends the process as an operator would.
    ///
    /// - Returns: Its exit code.
    @discardableResult
    func stop() async -> Int32 {
        child.kill(SIGTERM)
        return await child.exitCode()
    }
}

/// What every process of the tests is set to, changed by `environment`; `nil` takes a setting away.
private func testSettings(_ environment: [String: String?], home: String) -> [String: String] {
    var settings = [
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
        "HOME": home, "JWT_SECRET_KEY": RunningServer.secret, "RATE_LIMIT_MAX_UPLOADS": "100000",
    ]
    for (name, value) in environment { settings[name] = value }
    return settings
}

/// The program under test.
let binary: String = {
    let folder = ProcessInfo.processInfo.environment["PICTOR_TEST_BINARY"]
    return folder ?? "\(repositoryRoot)/.build/debug/pictor"
}()
