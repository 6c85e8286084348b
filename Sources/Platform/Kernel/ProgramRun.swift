internal import CLinux
import Glibc

/// How much a program may take until the kernel ends it.
package struct ProgramLimits: Sendable {
    /// From its start to its end.
    package var time: Duration
    /// Of its address space, libraries too.
    package var memoryBytes: Int
    /// Of what it writes.
    package var outputBytes: Int

    package init(time: Duration, memoryBytes: Int, outputBytes: Int) {
        self.time = time
        self.memoryBytes = memoryBytes
        self.outputBytes = outputBytes
    }
}

/// Why a program gave no answer.
package enum ProgramFailure: Error {
    /// The text is for the log.
    case notStarted(String)
    /// It was ended, because it took too long.
    case late
    /// It ended with an error. What it said of that, at most 4 KiB.
    case failed(String)
    /// A signal ended it: it passed a limit of the kernel, or broke down.
    case stopped(signal: Int32)
}

/// Runs a program to its end, with `input` as its standard input, and gives what it wrote to its standard output. Both
/// are files without a name in memory: the program may seek in them, and nothing is left on a disk. Blocks the thread.
///
/// - Parameters:
///   - line: The absolute path of the program, and its arguments.
///   - input: It may be read by the name `/dev/stdin` too.
///   - environment: All that it gets.
///   - limits: How much it may take.
/// - Returns: Its whole output, when it ended well.
/// - Throws: ``ProgramFailure``.
package func runProgram(
    _ line: [String],
    input: [UInt8],
    environment: [String: String],
    limits: ProgramLimits,
) throws(ProgramFailure) -> [UInt8] {
    let deadline = ContinuousClock.now + limits.time
    let bounds = [
        "/usr/bin/prlimit", "--as=\(limits.memoryBytes)", "--fsize=\(limits.outputBytes)",
        "--cpu=\(Int(limits.time.seconds.rounded(.up)))", "--core=0", "--",
    ]
    let source = try MemoryFile(holding: input)
    let target = try MemoryFile(holding: [])
    let child = try RunningProgram.start(bounds + line, environment, source, target)
    guard let said = child.listen(until: deadline), let status = child.wait(until: deadline) else {
        child.kill()
        throw .late
    }
    // The lower seven bits are the signal.
    guard status & 0x7F == 0 else { throw .stopped(signal: status & 0x7F) }
    guard status == 0 else { throw .failed(String(decoding: said, as: UTF8.self)) }
    return target.contents()
}

/// A file without a name, in memory; it ends with the value.
private struct MemoryFile: ~Copyable {
    let descriptor: Int32

    init(holding bytes: [UInt8]) throws(ProgramFailure) {
        descriptor = clinux_memory_file()
        guard descriptor >= 0 else { throw .notStarted("no file in memory: \(String(cString: strerror(errno)))") }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { throw .notStarted("no memory for the input") }
            rest = rest.dropFirst(max(0, count))
        }
        lseek(descriptor, 0, SEEK_SET)
    }

    deinit { close(descriptor) }

    func contents() -> [UInt8] {
        let size = Int(lseek(descriptor, 0, SEEK_END))
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            while filled < size {
                let count = pread(descriptor, buffer.baseAddress.map { $0 + filled }, size - filled, off_t(filled))
                guard count > 0 else { break }
                filled += count
            }
        }
    }
}

/// A program that was started, and the end of the pipe on which it says what is wrong.
private struct RunningProgram: ~Copyable {
    private let process: Int32
    private let errors: Int32

    private init(process: Int32, errors: Int32) {
        self.process = process
        self.errors = errors
    }

    static func start(
        _ line: [String],
        _ environment: [String: String],
        _ input: borrowing MemoryFile,
        _ output: borrowing MemoryFile,
    ) throws(ProgramFailure) -> RunningProgram {
        var reading: Int32 = -1
        do throws(NotStarted) {
            let pipe = try openPipe()
            defer { close(pipe.write) }
            reading = pipe.read
            let inheritance = ProcessInheritance(
                streams: (input.descriptor, output.descriptor, pipe.write),
                group: 0,
                endsWithThread: true,
            )
            let process = try spawnProcess(line, environment: environment, folder: "/", inheritance)
            return RunningProgram(process: process, errors: reading)
        } catch {
            close(reading)
            throw .notStarted(error.description)
        }
    }

    deinit { close(errors) }

    /// Reads until the program has closed the pipe, which it does at its end.
    ///
    /// - Returns: The first 4 KiB; `nil` when the deadline came first.
    func listen(until deadline: ContinuousClock.Instant) -> [UInt8]? {
        var said: [UInt8] = []
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return nil }
            var event = pollfd(fd: errors, events: Int16(POLLIN), revents: 0)
            // Rounded up: a poll of 0 ms would spin.
            guard poll(&event, 1, Int32(clamping: Int64(left / .milliseconds(1)) + 1)) > 0 else { continue }
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, filled in
                count = read(errors, buffer.baseAddress, buffer.count)
                filled = max(count, 0)
            }
            if count == 0 { return said }
            said += bytes.prefix(4096 - said.count)
        }
    }

    /// Takes what the kernel keeps of it. Most end as they close the pipe; one may close it and go on.
    ///
    /// - Returns: How it ended, as of `waitpid`; `nil` when the deadline came first.
    func wait(until deadline: ContinuousClock.Instant) -> Int32? {
        var status: Int32 = 0
        while true {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process { return status }
            guard ended == 0 || errno == EINTR, ContinuousClock.now < deadline else { return nil }
            usleep(1000)
        }
    }

    func kill() {
        Glibc.kill(-process, SIGKILL)
        while waitpid(process, nil, 0) < 0, errno == EINTR {}
    }
}
