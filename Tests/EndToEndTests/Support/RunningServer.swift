import Foundation
import Glibc
import Synchronization
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
        var settings = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
            "HOME": self.data, "JWT_SECRET_KEY": Self.secret, "RATE_LIMIT_MAX_UPLOADS": "100000",
        ]
        for (name, value) in environment { settings[name] = value }
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

/// The program under test.
let binary: String = {
    let folder = ProcessInfo.processInfo.environment["PICTOR_TEST_BINARY"]
    return folder ?? "\(repositoryRoot)/.build/debug/pictor"
}()

/// A process of a test, its output collected line by line.
final class ChildProcess: Sendable {
    private struct State {
        var output = ""
        var exitCode: Int32?
        var isClosed = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    let processID: Int32
    private let state: SharedState

    private final class SharedState: Sendable {
        let value = Mutex(State())

        func change(_ change: (inout State) -> Void) {
            let waiters = value.withLock { state in
                change(&state)
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume() }
        }

        /// Returns after the next change, or at once when `isDone` holds already.
        func next(_ isDone: (borrowing State) -> Bool) async {
            await withCheckedContinuation { continuation in
                let done = value.withLock { state in
                    if isDone(state) { return true }
                    state.waiters.append(continuation)
                    return false
                }
                if done { continuation.resume() }
            }
        }
    }

    init(_ line: [String], environment: [String: String], folder: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: line[0])
        process.arguments = Array(line.dropFirst())
        process.environment = environment
        process.currentDirectoryURL = URL(filePath: folder)
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        let state = SharedState()
        self.state = state
        pipe.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            state.change {
                $0.output += String(decoding: data, as: UTF8.self); $0.isClosed = data.isEmpty
            }
        }
        process.terminationHandler = { process in
            let code = process.terminationStatus
            let wasSignal = process.terminationReason == .uncaughtSignal
            state.change { $0.exitCode = wasSignal ? 128 + code : code }
        }
        try process.run()
        processID = process.processIdentifier
    }

    var output: String { state.value.withLock { $0.output } }

    func kill(_ signal: Int32) {
        guard state.value.withLock({ $0.exitCode == nil }) else { return }
        Glibc.kill(processID, signal)
    }

    /// The first line that fits; `nil` when the output ends without one.
    func line(where fits: @Sendable (Substring) -> Bool) async -> Substring? {
        while true {
            let (found, isOver) = state.value.withLock { state in
                let lines = state.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                return (lines.first(where: fits), state.isClosed || state.exitCode != nil)
            }
            if let found { return found }
            if isOver { return nil }
            let seen = output.count
            await state.next { $0.output.count != seen || $0.isClosed || $0.exitCode != nil }
        }
    }

    func exitCode() async -> Int32 {
        while true {
            if let code = state.value.withLock({ $0.exitCode }) { return code }
            await state.next { $0.exitCode != nil }
        }
    }
}
