import Foundation
import Glibc
import Kernel
import Synchronization

/// A process of a test, its output collected line by line.
///
/// Foundation's `Process` closes in the child the descriptors that it saw a moment before; a pipe that another test opens
/// in this moment stays open there, and whoever waits for its end waits as long as the stranger lives. Here the child
/// itself closes everything, and its end is heard from the kernel.
package final class ChildProcess: Sendable {
    private struct State {
        var output: [UInt8] = []
        var exitCode: Int32?
        var isClosed = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// The kernel's number of the process.
    package let processID: Int32
    private let state: SharedState
    private let input: Int32?

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
    /// reads what is given to ``write(_:)`` if it `reads`, or nothing. Its errors are collected with its output unless
    /// `errors` says no.
    package init(
        _ line: [String],
        environment: [String: String],
        folder: String,
        reads: Bool = false,
        errors: Bool = true,
    ) throws {
        let output = try openPipe()
        let nothing = Glibc.open("/dev/null", O_RDWR | O_CLOEXEC)
        let input = reads ? try openPipe() : nil
        defer { for end in [output.write, nothing, input?.read ?? -1] { Glibc.close(end) } }
        let streams = (input?.read ?? nothing, output.write, errors ? output.write : nothing)
        do {
            processID = try spawnProcess(
                line,
                environment: environment,
                folder: folder,
                ProcessInheritance(streams: streams),
            )
        } catch {
            for end in [output.read, input?.write ?? -1] { Glibc.close(end) }
            throw error
        }
        self.input = input?.write
        let state = SharedState()
        self.state = state
        let (child, read) = (processID, output.read)
        Thread.detachNewThread { Self.collect(from: read, into: state) }
        Thread.detachNewThread { Self.wait(for: child, state) }
    }

    deinit { if let input { Glibc.close(input) } }

    private static func collect(from descriptor: Int32, into state: SharedState) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            state.change { $0.output += buffer[..<count] }
        }
        Glibc.close(descriptor)
        state.change { $0.isClosed = true }
    }

    private static func wait(for child: Int32, _ state: SharedState) {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        state.change { $0.exitCode = signal == 0 ? (status >> 8) & 0xff : 128 + signal }
    }

    /// Everything written so far to both outputs.
    package var output: String { String(decoding: bytes, as: UTF8.self) }

    /// The same as it came.
    package var bytes: [UInt8] { state.value.withLock { $0.output } }

    /// Sends a signal, unless the process is known to be gone.
    package func kill(_ signal: Int32) {
        state.value.withLock { if $0.exitCode == nil { _ = Glibc.kill(processID, signal) } }
    }

    /// Gives the process something to read.
    package func write(_ text: String) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(input ?? -1, $0.baseAddress, $0.count) }
            guard count > 0 else { throw NotStarted("no more input", code: errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// The first line that fits; `nil` when the output ends without one. A cancelled task ends the process.
    package func line(where fits: @Sendable (Substring) -> Bool) async -> Substring? {
        await withTaskCancellationHandler {
            while true {
                let (text, isOver, seen) = state.value.withLock { state in
                    (String(decoding: state.output, as: UTF8.self), state.isClosed, state.output.count)
                }
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                if let found = lines.first(where: fits) { return found }
                if isOver || Task.isCancelled { return nil }
                await state.next { $0.output.count != seen || $0.isClosed || Task.isCancelled }
            }
        } onCancel: {
            kill(SIGKILL)
            state.change { _ in }
        }
    }

    /// Waits for its end. A cancelled task ends the process.
    ///
    /// - Returns: Its exit code, or 128 and the signal that ended it.
    package func exitCode() async -> Int32 {
        await withTaskCancellationHandler {
            while true {
                if let code = state.value.withLock({ $0.exitCode }) { return code }
                await state.next { $0.exitCode != nil }
            }
        } onCancel: {
            kill(SIGKILL)
        }
    }

    /// Waits until it and whoever else holds its output are gone.
    package func outputToTheEnd() async -> [UInt8] {
        _ = await exitCode()
        while true {
            let (bytes, isClosed) = state.value.withLock { ($0.output, $0.isClosed) }
            if isClosed { return bytes }
            await state.next { $0.isClosed }
        }
    }
}
