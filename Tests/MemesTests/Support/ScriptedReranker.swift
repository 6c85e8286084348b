import Kernel
import Memes
import TestSupport
import TextEmbedding

/// A model that scores as the test says.
final class ScriptedReranker: Reranker {
    /// The documents of each call.
    let calls = Recorder<[String]>()
    private let answer: @Sendable (_ query: String, _ document: String) async throws -> Float

    init(_ answer: @escaping @Sendable (_ query: String, _ document: String) async throws -> Float) {
        self.answer = answer
    }

    func scores(query: String, documents: [String]) async throws -> [Float] {
        calls.add(documents)
        var scores: [Float] = []
        for document in documents { scores.append(try await answer(query, document)) }
        return scores
    }
}

extension MemeReranker {
    /// With a patience that tests pass by hand.
    init(_ model: any Reranker) { self.init(model, name: "scripted", patience: .milliseconds(250)) }
}
