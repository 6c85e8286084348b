import Kernel
import TextEmbedding

/// The model that reads what was typed together with each of the best hits.
package struct MemeReranker: Sendable {
    let model: any Reranker
    /// Names the model, so that answers of another one are not given again.
    let name: String
    /// How long a search waits for the scores; then it goes on without.
    let patience: Duration

    /// Names the model and says how long a search waits for it.
    package init(_ model: any Reranker, name: String, patience: Duration) {
        self.model = model
        self.name = name
        self.patience = patience
    }

    /// The scores of documents; `nil` when they do not come in time. It does not wait for a model that cannot stop at
    /// once.
    ///
    /// - Throws: What the model threw.
    func scores(query: String, documents: [String], time: any TimeSource) async throws -> [Float]? {
        let outcome = OneShot<Result<[Float]?, any Error>>()
        let asking = Task { [model] in
            do {
                outcome.fulfil(.success(try await model.scores(query: query, documents: documents)))
            } catch {
                outcome.fulfil(.failure(error))
            }
        }
        let waiting = Task { [patience] in
            try await time.sleep(until: time.now + patience)
            outcome.fulfil(.success(nil))
        }
        defer {
            asking.cancel()
            waiting.cancel()
        }
        return try await withTaskCancellationHandler {
            try await outcome.wait().get()
        } onCancel: {
            outcome.fulfil(.failure(CancellationError()))
        }
    }
}
