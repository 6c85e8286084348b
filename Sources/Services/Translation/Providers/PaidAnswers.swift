import Kernel

/// What a provider was paid for while it is not done with an order: when it has to wait, or is stopped, whoever takes the
/// order up again asks only for the rest.
package struct PaidAnswers: Sendable {
    private var answers: [String: JSON]
    private let keep: @Sendable (JSON) async -> Void

    /// - Parameters:
    ///   - known: What was kept before; anything else counts as nothing.
    ///   - keep: Keeps all of it, in place of what was kept before.
    init(_ known: JSON?, keep: @escaping @Sendable (JSON) async -> Void) {
        answers = [:]
        if case .object(let members)? = known { for (question, answer) in members { answers[question] = answer } }
        self.keep = keep
    }

    /// `nil` for a question that nobody has answered.
    package func answer(to question: String) -> JSON? { answers[question] }

    /// Keeps what was answered, before more is asked for.
    package mutating func keep(_ answer: JSON, to question: String) async {
        answers[question] = answer
        await keep(.object(answers.map { ($0.key, $0.value) }))
    }
}
