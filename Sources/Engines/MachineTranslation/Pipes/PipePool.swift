import Kernel
import Synchronization

/// The warm pipes of all pairs.
final class PipePool: Sendable {
    private struct Idle {
        let pair: LanguagePair
        let pipe: ApertiumPipe
        let answered: Int
        let since: Timestamp
    }

    private struct State {
        /// The longest idle first.
        var idle: [Idle] = []
        /// Processes of the pipes at work, by the first.
        var working: [Int32: [Int32]] = [:]
        var isClosed = false

        mutating func work(_ pipe: ApertiumPipe) {
            working[pipe.pipeline.processes[0]] = pipe.pipeline.processes
        }
    }

    private let modes: [LanguagePair: ModeFile]
    private let limits: ApertiumTranslator.Limits
    private let time: any TimeSource
    private let state = Mutex(State())

    init(_ modes: [LanguagePair: ModeFile], limits: ApertiumTranslator.Limits, time: any TimeSource) {
        self.modes = modes
        self.limits = limits
        self.time = time
    }

    /// Processes of all pipes that answer, those at work first.
    var processes: [Int32] {
        state.withLock { $0.working.values.flatMap { $0 } + $0.idle.flatMap(\.pipe.pipeline.processes) }
    }

    /// Translates texts one after another. Blocks the thread, which must live as long as the pool.
    ///
    /// A text that a pipe fails over is tried once more, alone on a fresh one with more patience; the texts after it go
    /// on as if nothing had been.
    ///
    /// - Throws: ``TranslationError/failed(_:)``.
    func translate(_ texts: [String], _ pair: LanguagePair) throws(TranslationError) -> [ApertiumMessage.Answer] {
        var answers: [ApertiumMessage.Answer] = []
        while answers.count < texts.count {
            let before = answers.count
            let (pipe, answered) = try take(pair)
            do {
                try pipe.translate(texts[before...], into: &answers, .init(base: limits.answerTime))
                give(pipe, pair, answered: answered + answers.count - before)
            } catch {
                end(pipe)
                // All may have been answered, and then too much came.
                if answers.count < texts.count { try retry(texts[answers.count], pair, into: &answers) }
            }
        }
        return answers
    }

    private func retry(
        _ text: String,
        _ pair: LanguagePair,
        into answers: inout [ApertiumMessage.Answer],
    ) throws(TranslationError) {
        let pipe = try start(pair)
        let before = answers.count
        do {
            try pipe.translate([text], into: &answers, .init(base: limits.answerTime * 5))
            give(pipe, pair, answered: 1)
        } catch {
            end(pipe)
            guard answers.count == before else { return }
            throw .failed("a segment of \(text.utf8.count) bytes: \(error)")
        }
    }

    private func take(_ pair: LanguagePair) throws(TranslationError) -> (ApertiumPipe, answered: Int) {
        let warm = state.withLock { state -> Idle? in
            guard let index = state.idle.lastIndex(where: { $0.pair == pair }) else { return nil }
            let idle = state.idle.remove(at: index)
            state.work(idle.pipe)
            return idle
        }
        if let warm { return (warm.pipe, warm.answered) }
        return (try start(pair), 0)
    }

    private func start(_ pair: LanguagePair) throws(TranslationError) -> ApertiumPipe {
        guard let mode = modes[pair] else { throw .unsupportedPair(pair, packages: []) }
        do {
            let pipe = try ApertiumPipe(mode, startTime: limits.startTime)
            state.withLock { $0.work(pipe) }
            return pipe
        } catch {
            throw .failed("\(pair) does not start: \(error)")
        }
    }

    private func end(_ pipe: ApertiumPipe) {
        state.withLock { _ = $0.working.removeValue(forKey: pipe.pipeline.processes[0]) }
        pipe.pipeline.end()
    }

    private func give(_ pipe: ApertiumPipe, _ pair: LanguagePair, answered: Int) {
        let idle = Idle(pair: pair, pipe: pipe, answered: answered, since: time.now)
        let isWorn = answered >= limits.segmentsPerPipe
        let surplus = state.withLock { state in
            state.working[pipe.pipeline.processes[0]] = nil
            if isWorn || state.isClosed || limits.idlePipes == 0 { return [idle] }
            state.idle.append(idle)
            return state.idle.count > limits.idlePipes ? [state.idle.removeFirst()] : []
        }
        for one in surplus { one.pipe.pipeline.end() }
    }

    // MARK: - Idle pipes

    /// Ends the pipes that nobody needed for a while.
    ///
    /// - Returns: When the next one will be due; `nil` when none waits.
    func endIdle() -> Timestamp? {
        let latest = time.now - limits.idleTime
        let (due, next) = state.withLock { state in
            let due = state.idle.filter { $0.since <= latest }
            state.idle.removeAll { $0.since <= latest }
            return (due, state.idle.first.map { $0.since + limits.idleTime })
        }
        for one in due { one.pipe.pipeline.end() }
        return next
    }

    /// Ends the idle pipes; those at work end when their work is done.
    func close() {
        let idle = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [] }
            return state.idle
        }
        for one in idle { one.pipe.pipeline.end() }
    }
}
