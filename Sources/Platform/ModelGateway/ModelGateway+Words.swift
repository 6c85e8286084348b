import Kernel

extension ModelGateway {
    private static var longestText: Int { 8000 }

    /// Asks a vision model about the pictures of a prompt.
    ///
    /// An answer that does not fit the prompt's shape is asked for again once, with what is wrong; one that was cut off
    /// is asked for again with twice the length. What still does not fit comes back as text, not complete.
    ///
    /// - Parameters:
    ///   - prompt: With at least one picture.
    ///   - deadline: How long to wait for a quota or a better moment; `nil` does not wait.
    ///   - billing: Is told what each call took.
    /// - Returns: The last answer, with what all of them took.
    /// - Throws: ``ModelError``.
    package func vision(
        _ prompt: ModelPrompt,
        until deadline: Timestamp? = nil,
        billing: ModelBilling? = nil,
    ) async throws -> ModelAnswer {
        guard !prompt.pictures.isEmpty else { throw ModelError.badInput("There is no picture to look at.") }
        return try await answer(prompt, .vision, deadline, billing)
    }

    /// Asks a language model, as ``vision(_:until:billing:)`` asks about pictures.
    package func chat(
        _ prompt: ModelPrompt,
        until deadline: Timestamp? = nil,
        billing: ModelBilling? = nil,
    ) async throws -> ModelAnswer {
        try await answer(prompt, .chat, deadline, billing)
    }

    private func answer(
        _ prompt: ModelPrompt,
        _ purpose: ModelPurpose,
        _ deadline: Timestamp?,
        _ billing: ModelBilling?,
    ) async throws -> ModelAnswer {
        var talk = Conversation(prompt)
        var said = try await say(talk, purpose, deadline, billing)
        var usage = said.usage
        while let next = talk.next(after: said.reply) {
            talk = next
            do {
                said = try await say(talk, purpose, deadline, billing)
            } catch is CancellationError {
                throw CancellationError()
            } catch { break }  // what was said first is worth more than nothing
            usage = usage + said.usage
        }
        let value = talk.value(of: said.reply)
        return ModelAnswer(
            text: String(plain(said.reply.text).prefix(Self.longestText)),
            value: value,
            isComplete: !said.reply.isCutOff && (prompt.shape == nil || value != nil),
            model: said.model,
            usage: usage,
        )
    }

    private func say(
        _ talk: Conversation,
        _ purpose: ModelPurpose,
        _ deadline: Timestamp?,
        _ billing: ModelBilling?,
    ) async throws -> (reply: ChatReply, usage: ModelUsage, model: ModelName) {
        let prompt = talk.prompt
        let words = TextSize.tokens(prompt.system) + TextSize.tokens(prompt.text)
        let pictures = prompt.pictures.reduce(0) { $0 + TextSize.tokens(width: $1.width, height: $1.height) }
        let turns = talk.turns.reduce(0) { $0 + TextSize.tokens($1.text) }
        let plan = CallPlan(
            purpose: purpose,
            load: QuotaKeeper.Load(tokens: words + pictures + turns + talk.maxTokens, images: prompt.pictures.count),
            deadline: deadline,
            billing: billing,
        )
        let said = try await call(plan) { entry in
            entry.kind == .gemini
                ? try GeminiWire.exchange(prompt, talk.turns, maxTokens: talk.maxTokens, entry)
                : try ChatWire.exchange(prompt, talk.turns, maxTokens: talk.maxTokens, entry)
        }
        return (said.answer, said.usage, said.model)
    }
}

/// A prompt and what followed.
private struct Conversation: Sendable {
    let prompt: ModelPrompt
    var turns: [ChatTurn] = []
    var maxTokens: Int

    init(_ prompt: ModelPrompt) {
        self.prompt = prompt
        maxTokens = prompt.maxTokens
    }

    func value(of reply: ChatReply) -> JSON? {
        guard let shape = prompt.shape, let object = AnswerReader.object(in: reply.text) else { return nil }
        return try? shape.fit(object)
    }

    /// What to ask next; `nil` when the answer is good, or nothing is left to try.
    func next(after reply: ChatReply) -> Conversation? {
        if prompt.shape != nil, value(of: reply) != nil { return nil }
        var next = self
        if reply.isCutOff {
            guard maxTokens == prompt.maxTokens else { return nil }
            next.maxTokens *= 2
            return next
        }
        guard let shape = prompt.shape, turns.isEmpty else { return nil }
        let correction =
            "That was not what I asked for: \(problem(reply, shape)). Answer again with the JSON object alone."
        next.turns = [
            ChatTurn(isFromModel: true, text: String(reply.text.prefix(4000))),
            ChatTurn(isFromModel: false, text: correction),
        ]
        return next
    }

    private func problem(_ reply: ChatReply, _ shape: AnswerShape) -> String {
        guard let object = AnswerReader.object(in: reply.text) else { return "there is no complete JSON object" }
        do throws(AnswerShape.Mismatch) {
            _ = try shape.fit(object)
            return "it could not be read"
        } catch {
            return error.reason
        }
    }
}

/// The text without code fences around it.
private func plain(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.filter { !$0.hasPrefix("```") }.joined(separator: "\n")
}
