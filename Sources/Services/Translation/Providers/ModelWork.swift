import Kernel
import MachineTranslation
import ModelGateway

/// The texts of one order on their way through a language model.
struct ModelWork {
    private let order: TranslationOrder
    private let models: ModelGateway
    private let check: AnswerCheck
    private let keeper: TermKeeper
    /// The best so far, by number.
    private var found: [Int: String] = [:]
    /// What was translated around its terms.
    private var inPieces: Set<Int> = []
    private var paid: PaidAnswers?
    /// The last answer with its question, which is not kept yet: most orders take no other.
    private var latest: (question: String, answer: ModelSaying)?

    init(_ order: TranslationOrder, _ models: ModelGateway) {
        self.order = order
        self.models = models
        check = AnswerCheck(to: order.target.code, order.options)
        keeper = TermKeeper(order.options.terms)
        paid = order.paid
    }

    /// `name`: Of the provider.
    mutating func answer(of name: String) async throws -> TranslationAnswer {
        let numbers = Array(order.texts.indices)
        let first = try await ask(TranslationPrompt.prompt(order, numbers))
        found = first.texts.filter { numbers.contains($0.key) }
        try await askAgain()
        try await askForPieces()
        guard numbers.allSatisfy({ found[$0] != nil }) else { throw TranslationError.badAnswer(provider: name) }
        return TranslationAnswer(
            texts: numbers.map {
                TranslationAnswer.Text(found[$0] ?? "", flags: inPieces.contains($0) ? ["in_pieces"] : [])
            },
            source: order.source?.code ?? first.source,
            model: first.model,
        )
    }

    private func protected(_ number: Int) -> ProtectedText {
        keeper.protect(order.texts[number], language: order.source?.code)
    }

    /// What was paid for before is not asked for again, and is kept before more is asked for, which may have to wait.
    private mutating func ask(_ prompt: ModelPrompt) async throws -> ModelSaying {
        let question = Digest.sha256(Array((prompt.system + prompt.text).utf8)).hexadecimal
        if let known = paid?.answer(to: question).flatMap(ModelSaying.init(json:)) { return known }
        if let latest { await paid?.keep(latest.answer.json, to: latest.question) }
        let answer = ModelSaying(try await models.chat(prompt, billing: order.expenses.billing))
        latest = (question, answer)
        return answer
    }

    /// Once more for what is wrong, with marks in place of terms and addresses. A text of nothing else needs nobody.
    private mutating func askAgain() async throws {
        var problems = problems()
        var hidden: [Int: ProtectedText] = [:]
        for number in problems.keys {
            let text = protected(number)
            guard text.hasParts else { continue }
            if text.pieces.isEmpty {
                found[number] = text.joined([])
                problems[number] = nil
            } else {
                hidden[number] = text
            }
        }
        guard !problems.isEmpty else { return }
        let numbers = problems.keys.sorted()
        let answer = try await ask(TranslationPrompt.prompt(order, numbers, problems: problems, hidden: hidden))
        for (number, text) in answer.texts where problems[number] != nil {
            let whole = hidden[number].map { $0.restored(text) ?? ($0.hasMarks(in: text) ? nil : text) } ?? text
            if let whole, improves(number, whole) { found[number] = whole }
        }
    }

    /// Texts that still miss a term are translated between their terms, which so cannot be lost.
    private mutating func askForPieces() async throws {
        let lost = found.filter { check.problems(order.texts[$0.key], $0.value).contains(AnswerCheck.termMissed) }
        let texts = lost.keys.sorted().map { (number: $0, text: protected($0)) }
        guard !texts.isEmpty else { return }
        let pieces = texts.flatMap(\.text.pieces)
        let answer = try await ask(TranslationPrompt.prompt(order, pieces: pieces)).texts
        var rest = pieces.indices.map { answer[$0] }[...]
        for (number, text) in texts {
            let translations = text.pieces.compactMap { _ in rest.removeFirst() }
            guard translations.count == text.pieces.count, !zip(text.pieces, translations).contains(where: Self.isGone)
            else { continue }
            let whole = text.joined(translations)
            guard keepsAsMuch(number, whole) else { continue }
            found[number] = whole
            inPieces.insert(number)
        }
    }

    /// An article may become nothing in another language, three words may not.
    private static func isGone(_ piece: String, _ translation: String) -> Bool {
        !translation.contains(where: \.isLetter) && piece.split(separator: " ").count > 2
    }

    private func problems() -> [Int: [String]] {
        var problems: [Int: [String]] = [:]
        for (number, source) in order.texts.enumerated() {
            let wrong = found[number].map { check.problems(source, $0) } ?? ["missing"]
            if !wrong.isEmpty { problems[number] = wrong }
        }
        return problems
    }

    /// Numbers and addresses that the best so far has are worth more than the term that it misses.
    private func keepsAsMuch(_ number: Int, _ text: String) -> Bool {
        let (source, old) = (order.texts[number], found[number] ?? "")
        let lost = Set(check.problems(source, text)).subtracting(check.problems(source, old))
        return lost.isDisjoint(with: ["numbers_changed", "urls_changed"])
    }

    private func improves(_ number: Int, _ text: String) -> Bool {
        guard let old = found[number] else { return true }
        let source = order.texts[number]
        return check.problems(source, text).count < check.problems(source, old).count
    }
}
