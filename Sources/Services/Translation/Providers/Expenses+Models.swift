import ModelGateway

extension Expenses {
    /// Asks a model and notes what it costs, whether or not there is an answer.
    func paying<Answer>(
        _ usage: KeyPath<Answer, ModelUsage>,
        _ ask: () async throws -> Answer,
    ) async throws -> Answer {
        do {
            let answer = try await ask()
            add(answer[keyPath: usage].cost)
            return answer
        } catch let error as ModelError {
            add(error.billed.cost)
            throw error
        }
    }
}
