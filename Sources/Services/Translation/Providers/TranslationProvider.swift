import Kernel

/// Who turns words into words of another language.
///
/// It never sees boxes or pixels: what is read on a picture, and how the answer is drawn, is the same for all.
package protocol TranslationProvider: Sendable {
    /// How requests and results call it.
    var name: String { get }
    /// Names everything that an answer depends on beside the order; answers of another version are not given again.
    var version: String { get }
    /// Whether somebody else does it, whose answers are worth keeping.
    var isRemote: Bool { get }
    /// How it gets from `source` to `target`; `nil` when it cannot. A source of `nil` asks for any.
    func reach(from source: Language?, to target: Language) -> TranslationReach?
    /// Translates every text of the order, in its order.
    ///
    /// - Throws: A ``Kernel/Failure``: one that is postponed makes the picture wait, a permanent one makes the next
    ///   provider be asked, and ``TranslationError/unsupportedPair(source:target:able:)`` says that it is no pair of its.
    func translate(_ order: TranslationOrder) async throws -> TranslationAnswer
}

/// How well a provider gets from one language to another.
package enum TranslationReach: String, Sendable, CaseIterable {
    /// By rules, in one step.
    case direct
    /// By rules, through a third language.
    case pivot
    /// By a model.
    case model
}

/// What a provider is asked for.
package struct TranslationOrder: Sendable {
    package let texts: [String]
    /// The texts of which the reader was not sure, by their numbers from 0.
    package var unsure: [Int] = []
    /// `nil` when it shall be found out.
    package let source: Language?
    package let target: Language
    package let options: TranslationOptions
    /// What is written on the other pictures of the task, one text for each.
    package let context: [String]
    /// Where everything is noted that has to be paid for it.
    package let expenses: Expenses
    /// `nil` where nothing is kept.
    package var paid: PaidAnswers?
}

/// What a provider answers.
package struct TranslationAnswer: Sendable {
    /// One text, in the order asked for.
    package struct Text: Sendable {
        package let text: String
        /// 0 to 1; `nil` where the provider does not say.
        package let confidence: Double?
        /// What is to be known of it, such as `unknown_words`.
        package let flags: [String]

        package init(_ text: String, confidence: Double? = nil, flags: [String] = []) {
            self.text = text
            self.confidence = confidence
            self.flags = flags
        }
    }

    package var texts: [Text]
    /// BCP 47, as given or as found.
    package var source: String?
    /// Such as `gemini/gemini-3.5-flash-lite`.
    package var model: String?
    /// What is to be known of the whole, such as `machine_translation`.
    package var flags: [String]

    package init(
        texts: [Text],
        source: String? = nil,
        model: String? = nil,
        flags: [String] = [],
    ) {
        self.texts = texts
        self.source = source
        self.model = model
        self.flags = flags
    }
}
