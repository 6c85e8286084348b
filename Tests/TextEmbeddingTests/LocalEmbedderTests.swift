import FoundationEssentials
import Kernel
import TestSupport
import Testing

@testable import TextEmbedding

@Suite struct LocalEmbedderTests {
    @Test(arguments: [Precision.f32, .auto])
    func nearMeaningsHaveNearVectors(precision: Precision) async throws {
        let embedder = try LocalEmbedder(miniLM(), home, precision: precision, lanes: 2)
        let vectors = try await embedder.embed(
            ["A cat sleeps on the sofa", "The kitten naps on a couch", "Interest rates rose again"],
            as: .document,
        )
        #expect(vectors.allSatisfy { $0.count == embedder.dimensions && abs(dot($0, $0) - 1) < 1e-5 })
        #expect(dot(vectors[0], vectors[1]) > dot(vectors[0], vectors[2]) + 0.3)
    }
}
