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
    package let pairs: [LanguagePair]

    /// Reads which pairs are installed. No program is started before the first text.
    ///
    /// - Parameters:
    ///   - modes: The folder with Apertium's mode files; one that does not exist has none.
    ///   - limits: Time and memory.
    package init(modes: String = standardModes, limits: Limits = Limits()) {
        pairs = []
    }

    /// The steps from one language to another, by BCP-47 or ISO 639-3: none for the same language, one, or two over a
    /// third; `nil` when there is no way. A region that is not installed (`en-GB`) falls back to its language.
    package func route(from: String, to: String) -> [LanguagePair]? {
        nil
    }

    /// Every translation that can be done, sorted by its languages.
    package var routes: [TranslationRoute] { [] }

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
        throw TranslationError.unsupportedPair(LanguagePair(from: from, to: to), packages: [])
    }
}
