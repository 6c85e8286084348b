import Kernel

/// Translates texts offline with Apertium, whose programs run as long-lived pipes.
package final class ApertiumTranslator: Sendable {
    /// How much a translator may take.
    package struct Limits: Sendable {
        /// Pipes that work at once, each with a thread of ours and about ten processes of 110 MB together.
        package var pipes = 2
        /// Pipes that are kept warm while nobody needs them.
        package var idlePipes = 3
        /// How long a pipe is kept warm; see ``ApertiumTranslator/run()``.
        package var idleTime: Duration = .seconds(120)
        /// Calls that may wait; more are refused with ``WorkPool/Full``.
        package var waiting = 1_000
        /// For a short segment, from when the one before it was answered. Then the pipe is killed.
        package var answerTime: Duration = .seconds(1)
        /// For a pipe to read its dictionaries.
        package var startTime: Duration = .seconds(15)
        /// A pipe is replaced after so many segments.
        package var segmentsPerPipe = 20_000
        /// Of one call.
        package var segments = 10_000
        /// UTF-8, of one segment.
        package var segmentBytes = 50_000

        package init() {}
    }

    /// Where Debian's packages put the modes.
    package static let standardModes = "/usr/share/apertium/modes"

    /// What is installed, sorted.
    package var pairs: [LanguagePair] { graph.pairs }
    /// Mode files that name a pair and cannot be used, and why; for whoever looks after the machine.
    package let refused: [String: String]

    private let graph: LanguageGraph
    private let pool: PipePool
    private let threads: WorkPool
    private let phrases: [PhraseTable]
    private let limits: Limits
    private let time: any TimeSource

    /// Of one call, so many segments go to a thread together: others get their turn between.
    private static let portion = 32

    /// Reads which pairs are installed. No program is started before the first text.
    ///
    /// - Parameters:
    ///   - modes: The folder with Apertium's mode files; one that does not exist has none.
    ///   - phrases: Tables of the user; the first that knows a phrase decides, then the standard one.
    ///   - limits: Time and memory.
    ///   - time: Of idle pipes.
    package convenience init(
        modes: String = standardModes,
        phrases: [PhraseTable] = [],
        limits: Limits = Limits(),
        time: any TimeSource = SystemTime(),
    ) {
        let installed = InstalledModes(folder: modes)
        self.init(installed.modes, refused: installed.refused, phrases: phrases, limits: limits, time: time)
    }

    init(
        _ modes: [LanguagePair: ModeFile],
        refused: [String: String] = [:],
        phrases: [PhraseTable] = [],
        limits: Limits = Limits(),
        time: any TimeSource = SystemTime(),
    ) {
        self.refused = refused
        self.phrases = phrases + [.standard]
        self.limits = limits
        self.time = time
        graph = LanguageGraph(modes.keys)
        pool = PipePool(modes, limits: limits, time: time)
        threads = WorkPool(name: "translate", width: limits.pipes, limit: limits.waiting)
    }

    /// The steps from one language to another, by BCP-47 or ISO 639-3: none for the same language, one, or two over a
    /// third; `nil` when there is no way. A region that is not installed (`en-GB`) falls back to its language.
    package func route(from: String, to: String) -> [LanguagePair]? { graph.route(from: from, to: to) }

    /// Debian's packages that may open a way between two languages; none where there is one, or Debian has none.
    package func missingPackages(from: String, to: String) -> [String] {
        let pair = LanguagePair(from: from, to: to)
        return route(from: pair.from, to: pair.to) == nil ? DebianPairs.missing(for: pair, installed: graph) : []
    }

    /// Every translation that can be done, sorted by its languages.
    package var routes: [TranslationRoute] { graph.routes }

    /// A cheap guess at the language of texts, among those that can be translated from: good for sentences, of a single
    /// word only when it is a known sign or formula. `nil` when nothing speaks for one of them.
    package func guessLanguage(of texts: [String]) -> LanguageGuess? {
        LanguageProfiles(pairs.map(\.from), phrases: phrases).guess(texts)
    }

    /// Calls that wait and that are worked on now.
    package var load: (waiting: Int, running: Int) { threads.load }

    /// Processes of all pipes that answer.
    var processes: [Int32] { pool.processes }

    /// Translates segments one by one. Cancelling the task ends the work within about a second.
    ///
    /// - Parameters:
    ///   - segments: Blocks of text. White space and line breaks are kept; capitals come back as capitals.
    ///   - from: BCP-47 or ISO 639-3.
    ///   - to: The same.
    ///   - glossary: Its terms are kept always.
    /// - Returns: As many translations in the same order.
    /// - Throws: ``TranslationError``, ``WorkPool/Full`` or `CancellationError`.
    package func translate(
        _ segments: [String],
        from: String,
        to: String,
        glossary: Glossary = .empty,
    ) async throws -> [Translation] {
        let steps = try checkedRoute(segments, LanguagePair(from: from, to: to))
        guard let first = steps.first, let last = steps.last else {
            return segments.map { Translation(text: $0, unknownWords: 0, confidence: 1) }
        }
        let work = SegmentWork(
            Machine(pool: pool, route: steps),
            Phrases(tables: phrases, from: first.from, to: last.to),
            TermMatcher(glossary),
        )
        var translations: [Translation] = []
        while translations.count < segments.count {
            let portion = segments[translations.count...].prefix(Self.portion)
            translations += try await threads.run { try work.translate(portion) }
        }
        return translations
    }

    private func checkedRoute(_ segments: [String], _ pair: LanguagePair) throws(TranslationError) -> [LanguagePair] {
        guard segments.count <= limits.segments else {
            throw .tooManySegments(segments.count, limit: limits.segments)
        }
        if let bytes = segments.lazy.map(\.utf8.count).first(where: { $0 > self.limits.segmentBytes }) {
            throw .segmentTooLong(bytes: bytes, limit: limits.segmentBytes)
        }
        guard let steps = graph.route(from: pair.from, to: pair.to) else {
            throw .unsupportedPair(pair, packages: missingPackages(from: pair.from, to: pair.to))
        }
        return steps
    }
}

extension ApertiumTranslator: Service {
    package var name: String { "offline translator" }

    /// Ends pipes that nobody needed for a while, and all when its task is cancelled; texts that come later start pipes
    /// for themselves. Without it, pipes stay warm as long as the translator lives.
    package func run() async throws {
        // Blocks until the processes are gone, a few milliseconds after they were killed.
        defer { pool.close() }
        while true {
            let next = try await threads.run { [pool] in pool.endIdle() } ?? time.now + limits.idleTime
            try await time.sleep(until: max(next, time.now + .milliseconds(100)))
        }
    }
}
