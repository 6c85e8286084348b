import Glibc
import Synchronization

/// Programs joined by pipes, as a shell joins `one | two`, without a shell. They live as long as this object at most:
/// they are killed with it, and by the kernel when the thread that started them ends, however that comes.
///
/// One thread uses it at a time.
package final class ProcessPipeline: Sendable {
    /// Why a pipeline is of no use any more.
    package enum Broken: Error {
        /// A program ended.
        case ended
        /// Nothing could be read nor written for the time allowed.
        case silent
    }

    /// Of the programs, in their order; the first leads the group.
    package let processes: [Int32]
    private let input: Int32
    private let output: Int32
    private let isEnded = Atomic(false)

    /// Starts the programs; what they say of errors is dropped.
    ///
    /// - Parameters:
    ///   - stages: Each an absolute path and arguments.
    ///   - environment: All that they get.
    /// - Throws: ``NotStarted``; then none of them runs.
    package init(_ stages: [[String]], environment: [String: String]) throws(NotStarted) {
        let nothing = Glibc.open("/dev/null", O_RDWR | O_CLOEXEC)
        guard nothing >= 0 else { throw NotStarted("/dev/null", code: errno) }
        defer { close(nothing) }
        let first = try openPipe()
        var (started, read): ([Int32], Int32) = ([], first.read)
        do {
            for stage in stages {
                let next = try openPipe()
                defer { close(next.write) }
                let inheritance = ProcessInheritance(
                    streams: (read, next.write, nothing),
                    group: started.first ?? 0,
                    endsWithThread: true,
                )
                let before = read
                read = next.read
                defer { close(before) }
                started.append(try spawnProcess(stage, environment: environment, folder: "/", inheritance))
            }
        } catch {
            for end in [first.write, read] { close(end) }
            Self.kill(started)
            throw error
        }
        (processes, input, output) = (started, first.write, read)
        for end in [input, output] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        // A program that ended must give an error, not a signal. The mask is of this thread; others do the same below.
        Self.holdBrokenPipeSignals()
    }

    deinit { end() }

    /// Kills the programs and waits until they are gone. Later calls do nothing.
    package func end() {
        guard !isEnded.exchange(true, ordering: .relaxed) else { return }
        for end in [input, output] { close(end) }
        Self.kill(processes)
    }

    /// Writes what fits of `sending`, and takes it away; adds to `received` what is there. Returns after the first of
    /// both. Throws ``Broken`` when neither could be done before `deadline`, or a program has ended: then the pipeline is
    /// to be ended too.
    package func exchange(
        sending: inout ArraySlice<UInt8>,
        received: inout [UInt8],
        until deadline: ContinuousClock.Instant,
    ) throws(Broken) {
        var events = [pollfd(fd: output, events: Int16(POLLIN), revents: 0)]
        if !sending.isEmpty { events.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0)) }
        try Self.wait(for: &events, until: deadline)
        if events.count > 1, events[1].revents != 0 { try write(&sending) }
        if events[0].revents != 0 { try read(into: &received) }
    }

    private func write(_ bytes: inout ArraySlice<UInt8>) throws(Broken) {
        Self.holdBrokenPipeSignals()
        let count = bytes.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
        if count > 0 {
            bytes = bytes.dropFirst(count)
        } else if errno != EAGAIN, errno != EINTR {
            throw .ended
        }
    }

    private func read(into received: inout [UInt8]) throws(Broken) {
        var (count, code): (Int, Int32) = (0, 0)
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, filled in
            count = Glibc.read(output, buffer.baseAddress, buffer.count)
            code = errno
            filled = max(count, 0)
        }
        if count == 0 || count < 0 && code != EAGAIN && code != EINTR { throw .ended }
        received += bytes
    }

    private static func wait(for events: inout [pollfd], until deadline: ContinuousClock.Instant) throws(Broken) {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { throw .silent }
            // Rounded up: a poll of 0 ms would spin.
            let ready = poll(&events, nfds_t(events.count), Int32(clamping: Int64(left / .milliseconds(1)) + 1))
            if ready > 0 { return }
        }
    }

    private static func holdBrokenPipeSignals() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Ends a group, and takes what the kernel keeps of each.
    private static func kill(_ processes: [Int32]) {
        guard let leader = processes.first else { return }
        Glibc.kill(-leader, SIGKILL)
        for process in processes {
            while waitpid(process, nil, 0) < 0, errno == EINTR {}
        }
    }
}
