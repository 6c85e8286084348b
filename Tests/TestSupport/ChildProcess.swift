import Foundation
import Glibc
import Synchronization

/// A process of a test, its output collected line by line.
package final class ChildProcess: Sendable {
    private struct State {
        var output = ""
        var exitCode: Int32?
        var isClosed = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// The kernel's number of the process.
    package let processID: Int32
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

    /// Starts `line`, whose first word is the absolute path of a program, in `folder`; it gets `environment` only, and
    /// reads from `input`, or nothing.
    package init(_ line: [String], environment: [String: String], folder: String, input: Pipe? = nil) throws {
        let process = Process()
        process.executableURL = URL(filePath: line[0])
        process.arguments = Array(line.dropFirst())
        process.environment = environment
        process.currentDirectoryURL = URL(filePath: folder)
        process.standardInput = input ?? FileHandle.nullDevice
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

    /// Everything written so far to both outputs.
    package var output: String { state.value.withLock { $0.output } }

    /// Sends a signal, unless the process is known to be gone.
    package func kill(_ signal: Int32) {
        guard state.value.withLock({ $0.exitCode == nil }) else { return }
        Glibc.kill(processID, signal)
    }

    /// The first line that fits; `nil` when the output ends without one.
    package func line(where fits: @Sendable (Substring) -> Bool) async -> Substring? {
        while true {
            let (found, isOver, seen) = state.value.withLock { state in
                let lines = state.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                return (lines.first(where: fits), state.isClosed || state.exitCode != nil, state.output.count)
            }
            if let found { return found }
            if isOver { return nil }
            await state.next { $0.output.count != seen || $0.isClosed || $0.exitCode != nil }
        }
    }

    /// Waits for its end.
    ///
    /// - Returns: Its exit code, or 128 and the signal that ended it.
    package func exitCode() async -> Int32 {
        while true {
            if let code = state.value.withLock({ $0.exitCode }) { return code }
            await state.next { $0.exitCode != nil }
        }
    }
}
