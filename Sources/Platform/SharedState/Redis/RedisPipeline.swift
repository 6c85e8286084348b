import Kernel
import Synchronization

/// One connection on a thread of its own. Whatever waits goes out together, so that many callers share a round trip.
///
/// When the connection breaks, every command that waits fails and none is sent again: whether it was done is unknown.
/// Until there is a new one, commands fail at once.
final class RedisPipeline: Sendable {
    private struct Waiting {
        let command: RedisCommand
        /// Resumed once: by the exchange that took it, by ``fail(_:)`` or by ``finish()``. A checked one costs a fifth of
        /// what a command does (`script/bench state`).
        let answer: UnsafeContinuation<Result<RedisReply, RedisError>, Never>
    }

    private struct Line {
        var waiting: [Waiting] = []
        var isSleeping = false
        /// Why nothing can be sent now.
        var away: RedisError?
        var isConnected = false
        var isClosing = false
        /// Who waits for the outcome of the next connecting.
        var probes: [CheckedContinuation<RedisError?, Never>] = []
        var closers: [CheckedContinuation<Void, Never>] = []
        var isOver = false
    }

    private let line = Mutex(Line())
    private let wake = Semaphore()
    private let address: RedisAddress
    private let settings: RedisSettings
    private let events: RedisEvents
    /// One pipeline carries at most so many, so that the first of a flood does not wait for the last.
    private let batchLimit = 1024

    init(_ address: RedisAddress, settings: RedisSettings, events: RedisEvents) {
        self.address = address
        self.settings = settings
        self.events = events
        startThread(name: "redis") { self.work() }
    }

    /// The answer to `command`, unless Redis refused it.
    func send(_ command: RedisCommand) async throws(RedisError) -> RedisReply {
        let result = await withUnsafeContinuation { answer in
            let refusal = line.withLock { line -> RedisError? in
                if line.isClosing { return .closed }
                if let away = line.away { return away }
                if line.waiting.count >= settings.waitingCommands { return .busy }
                line.waiting.append(Waiting(command: command, answer: answer))
                wakeIfNeeded(&line)
                return nil
            }
            if let refusal { answer.resume(returning: .failure(refusal)) }
        }
        return try result.get()
    }

    /// Returns when there is a connection; tries to make one at once where there is none.
    func connect() async throws(RedisError) {
        let error = await withCheckedContinuation { outcome in
            let (isKnown, error) = line.withLock { line -> (Bool, RedisError?) in
                if line.isClosing { return (true, .closed) }
                if line.isConnected { return (true, nil) }
                line.probes.append(outcome)
                wake.signal()
                return (false, nil)
            }
            if isKnown { outcome.resume(returning: error) }
        }
        if let error { throw error }
    }

    /// Sends what waits, then ends the thread and its connection.
    func close() async {
        await withCheckedContinuation { continuation in
            let isOver = line.withLock { line in
                if !line.isOver { line.closers.append(continuation) }
                return line.isOver
            }
            if isOver { continuation.resume() } else { abandon() }
        }
    }

    /// Like ``close()``, but nobody waits for it.
    func abandon() {
        line.withLock { $0.isClosing = true }
        wake.signal()
    }

    private func wakeIfNeeded(_ line: inout Line) {
        guard line.isSleeping else { return }
        line.isSleeping = false
        wake.signal()
    }

    private func work() {
        ignoreSignalsOnThisThread()
        var backOff = BackOff()
        while !line.withLock({ $0.isClosing }) {
            guard let context = reconnect() else {
                wake.wait(atMost: backOff.next())
                continue
            }
            backOff = BackOff()
            do throws(RedisError) {
                if try serve(context) { break }
            } catch {
                fail(error)
            }
        }
        finish()
    }

    /// Tells those who asked before it began how it went.
    private func reconnect() -> RedisContext? {
        let probes = takeProbes()
        do throws(RedisError) {
            let context = try RedisContext.connect(address, timeout: settings.timeout)
            line.withLock { line in
                line.away = nil
                line.isConnected = true
            }
            events.connected()
            for probe in probes + takeProbes() { probe.resume(returning: nil) }
            return context
        } catch {
            fail(error)
            for probe in probes { probe.resume(returning: error) }
            return nil
        }
    }

    private func takeProbes() -> [CheckedContinuation<RedisError?, Never>] {
        line.withLock { line in
            defer { line.probes = [] }
            return line.probes
        }
    }

    /// - Returns: `true` when this client is closing, `false` when the other side has closed while nothing was asked:
    ///   then nothing is lost, and the next connection serves those who wait.
    private func serve(_ context: borrowing RedisContext) throws(RedisError) -> Bool {
        while true {
            guard waitForWork() else { return true }
            guard !context.isStale else {
                line.withLock { $0.isConnected = false }
                return false
            }
            try exchange(takeBatch(), on: context)
        }
    }

    /// Sleeps until something waits; `false` when the client is closing and nothing does.
    private func waitForWork() -> Bool {
        while true {
            let (isEmpty, isClosing) = line.withLock { line in
                line.isSleeping = line.waiting.isEmpty && !line.isClosing
                return (line.waiting.isEmpty, line.isClosing)
            }
            if !isEmpty { return true }
            if isClosing { return false }
            wake.wait()
        }
    }

    private func takeBatch() -> [Waiting] {
        line.withLock { line in
            guard line.waiting.count > batchLimit else {
                let batch = line.waiting
                line.waiting = []
                return batch
            }
            let batch = Array(line.waiting.prefix(batchLimit))
            line.waiting.removeFirst(batchLimit)
            return batch
        }
    }

    /// Wakes the callers when all answers are there: woken one by one, each would cost a switch of threads.
    private func exchange(_ batch: [Waiting], on context: borrowing RedisContext) throws(RedisError) {
        for index in batch.indices { context.append(batch[index].command) }
        var answers: [Result<RedisReply, RedisError>] = []
        answers.reserveCapacity(batch.count)
        // By index: a pair of `zip` would be a copy of the command too.
        defer { for index in answers.indices { batch[index].answer.resume(returning: answers[index]) } }
        do throws(RedisError) {
            for _ in batch { answers.append(try answer(on: context)) }
        } catch {
            answers += repeatElement(.failure(error), count: batch.count - answers.count)
            throw error
        }
    }

    private func answer(on context: borrowing RedisContext) throws(RedisError) -> Result<RedisReply, RedisError> {
        let reply = try context.reply()
        return if case .error(let message) = reply { .failure(.refused(message)) } else { .success(reply) }
    }

    /// Fails everything that waits, and from now on what comes.
    private func fail(_ error: RedisError) {
        let away = if case .away = error { error } else { RedisError.away(error.description) }
        events.away(error)
        let waiting = line.withLock { line in
            line.away = away
            line.isConnected = false
            defer { line.waiting = [] }
            return line.waiting
        }
        for member in waiting { member.answer.resume(returning: .failure(away)) }
    }

    private func finish() {
        events.ended()
        let (waiting, probes, closers) = line.withLock { line in
            line.isOver = true
            defer { (line.waiting, line.probes, line.closers) = ([], [], []) }
            return (line.waiting, line.probes, line.closers)
        }
        for member in waiting { member.answer.resume(returning: .failure(.closed)) }
        for probe in probes { probe.resume(returning: .closed) }
        for closer in closers { closer.resume() }
    }
}

/// How long to wait before the next connecting: 50 ms, doubled up to 2 s, each shortened by chance so that many
/// processes do not come back at once.
struct BackOff {
    private var longest = Duration.milliseconds(50)

    mutating func next() -> Duration {
        defer { longest = min(longest * 2, .seconds(2)) }
        return longest * Double.random(in: 0.5...1)
    }
}
