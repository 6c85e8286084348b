import Kernel

extension ModelGateway {
    /// Vectors of length 1, in the order of the texts, all of the same space (``embeddingSpace``). Texts longer than the
    /// model reads are cut off.
    ///
    /// - Parameters:
    ///   - texts: Any number; they are sent in batches as large as the provider takes.
    ///   - role: Some models embed queries differently.
    ///   - deadline: How long to wait for a quota or a better moment; `nil` does not wait.
    /// - Returns: As many vectors as texts.
    /// - Throws: ``ModelError``; ``ModelError/badInput(_:)`` for a text that is empty.
    package func embed(
        _ texts: [String],
        as role: EmbeddingRole,
        until deadline: Timestamp? = nil,
    ) async throws -> ModelVectors {
        guard let entry = chain(.embedding).first else { throw ModelError.notConfigured(.embedding) }
        guard texts.allSatisfy({ !$0.allSatisfy(\.isWhitespace) }) else {
            throw ModelError.badInput("An empty text has no vector.")
        }
        let words = texts.map { prepared($0, role, entry.model) }
        var vectors: [[Float]] = []
        var usage = ModelUsage()
        var model = entry.name
        while vectors.count < words.count {
            let batch = batch(of: words[vectors.count...])
            do {
                let said = try await embedBatch(batch, role, deadline)
                vectors += said.answer
                usage = usage + said.usage
                model = said.model
            } catch ModelError.refused(let fault) where fault.kind == .size && batch.count > 1 {
                batches.refused(fault.model, batch.count)
            }
        }
        return ModelVectors(vectors: vectors, model: model, usage: usage)
    }

    /// Scores of documents for a query, in their order.
    ///
    /// - Parameters:
    ///   - query: What is looked for.
    ///   - documents: At most 1,000; fewer than 50 are wise.
    ///   - deadline: How long to wait for a quota or a better moment; `nil` does not wait.
    /// - Returns: As many scores as documents.
    /// - Throws: ``ModelError``.
    package func rerank(
        _ query: String,
        _ documents: [String],
        until deadline: Timestamp? = nil,
    ) async throws -> ModelScores {
        guard documents.count <= 1000 else {
            throw ModelError.badInput("At most 1,000 documents can be ranked at once.")
        }
        guard let first = chain(.rerank).first else { throw ModelError.notConfigured(.rerank) }
        guard !documents.isEmpty else { return ModelScores(scores: [], model: first.name, usage: ModelUsage()) }
        let query = TextSize.cut(query, to: 2000)
        let documents = documents.map { TextSize.cut($0, to: 4000) }
        let tokens = documents.reduce(0) { $0 + TextSize.tokens($1) } + TextSize.tokens(query) * documents.count
        let plan = CallPlan(purpose: .rerank, load: QuotaKeeper.Load(tokens: tokens), deadline: deadline)
        let said = try await call(plan) { RerankWire.exchange(query, documents, $0) }
        return ModelScores(scores: said.answer, model: said.model, usage: said.usage)
    }

    private func prepared(_ text: String, _ role: EmbeddingRole, _ model: ModelSettings) -> String {
        let text = TextSize.cut(text, to: KnownModels.maxInputTokens(model.name))
        guard role == .query, let task = model.instruction ?? KnownModels.instruction(model.name) else { return text }
        return "Instruct: \(task)\nQuery: \(text)"
    }

    /// As many texts as fit into one call: a number of texts, and 300,000 tokens (OpenAI's bound).
    private func batch(of texts: ArraySlice<String>) -> [String] {
        let sizes = chain(.embedding).map { batches.size($0.name, usual: $0.model.batch ?? $0.kind.embeddingBatch) }
        let most = sizes.min() ?? 1
        var batch: [String] = []
        var tokens = 0
        for text in texts.prefix(most) {
            tokens += TextSize.tokens(text)
            if !batch.isEmpty, tokens > 300_000 { break }
            batch.append(text)
        }
        return batch
    }

    private func embedBatch(
        _ texts: [String],
        _ role: EmbeddingRole,
        _ deadline: Timestamp?,
    ) async throws -> (answer: [[Float]], usage: ModelUsage, model: ModelName) {
        let tokens = texts.reduce(0) { $0 + TextSize.tokens($1) }
        let plan = CallPlan(
            purpose: .embedding,
            load: QuotaKeeper.Load(tokens: tokens),
            deadline: deadline,
            isDivisible: texts.count > 1,
        )
        return try await call(plan) { EmbeddingWire.exchange(texts, role, $0) }
    }
}
