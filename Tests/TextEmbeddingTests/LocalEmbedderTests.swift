import FoundationEssentials
import Kernel
import TestSupport
import Testing

@testable import TextEmbedding

@Suite struct LocalEmbedderTests {
    @Test(arguments: [Precision.f32, .bf16, .auto])
    func nearMeaningsHaveNearVectorsOfLengthOne(precision: Precision) async throws {
        let embedder = try LocalEmbedder(miniLM(), home, precision: precision, lanes: 2)
        let texts = ["A cat sleeps on the sofa", "The kitten naps on a couch", "Interest rates rose again", "", "\0"]
        for purpose in EmbeddingPurpose.allCases {
            let vectors = try await embedder.embed(texts, as: purpose)
            #expect(vectors.count == texts.count)
            #expect(vectors.allSatisfy { $0.count == 384 && abs(dot($0, $0) - 1) < 1e-5 })
            #expect(dot(vectors[0], vectors[1]) > dot(vectors[0], vectors[2]) + 0.3)
        }
        #expect(embedder.space.contains("/384/\(embedder.actualPrecision)/"))
        #expect(try await embedder.embed([], as: .document).isEmpty)
    }

    @Test func bf16IsNearTheReference() async throws {
        let texts = (0..<60).map { String(repeating: "meme number \($0) about monday ", count: 1 + $0 % 7) }
        let exact = try await LocalEmbedder(miniLM(), home, precision: .f32, lanes: 1).embed(texts, as: .document)
        let quick = try await LocalEmbedder(miniLM(), home, precision: .bf16, lanes: 1).embed(texts, as: .document)
        for (exact, quick) in zip(exact, quick) { #expect(dot(exact, quick) > 0.998) }
    }

    @Test func vectorsDoNotDependOnTheirNeighboursOrLanes() async throws {
        let texts = (0..<150).map { String(repeating: "word\($0) ", count: 1 + ($0 * 37) % 90) }
        let embedder = try LocalEmbedder(miniLM(), home, precision: .f32, lanes: 2)
        let together = try await embedder.embed(texts, as: .document)
        for index in stride(from: 0, to: texts.count, by: 29) {
            let alone = try await embedder.embed([texts[index]], as: .query)
            #expect(dot(together[index], alone[0]) > 0.99999)
        }
    }

    @Test func spaceChangesWithPrecisionAndPrefixes() throws {
        let exact = try LocalEmbedder(miniLM(), home, precision: .f32, lanes: 1)
        let quick = try LocalEmbedder(miniLM(), home, precision: .bf16, lanes: 1)
        #expect(exact.space != quick.space)
        #expect(exact.space.split(separator: "/")[1] == quick.space.split(separator: "/")[1])
    }

    @Test func cancelledTaskEndsAfterTheRunThatHadBegun() async throws {
        let model = try LocalModel(miniLM(), libraries: home.libraries, precision: .f32, lanes: 1)
        let (begun, signal) = AsyncStream.makeStream(of: Int.self)
        let goOn = Semaphore()
        let task = Task {
            try await model.bulk.runAll(Array(0..<100)) { item, _ in
                signal.yield(item)
                goOn.wait()
            } collect: { _, _ in
            }
        }
        var items = begun.makeAsyncIterator()
        #expect(await items.next() == 0)
        task.cancel()
        for _ in 0..<100 { goOn.signal() }
        await #expect(throws: CancellationError.self) { try await task.value }
        signal.finish()
        #expect(await items.next() == nil)
    }

    @Test func withoutLibrariesTheSentenceSaysHowToMend() throws {
        let folder = try TemporaryFolder()
        let nowhere = ModelHome(folder.path)
        let error = #expect(throws: TextEmbeddingError.self) { try nowhere.checkLibraries() }
        #expect(error?.code == "embedding_library_missing")
        #expect(error?.message.contains("script/setup") == true)
        #expect(throws: TextEmbeddingError.self) { try LocalEmbedder(miniLM(), nowhere, precision: .f32, lanes: 1) }
        #expect(throws: TextEmbeddingError.noModel(name: "minilm", kind: .embedding)) {
            try LocalEmbedder(home: nowhere, model: "minilm", lanes: 1)
        }
    }
}

@Suite struct TokenBatchTests {
    @Test func everyEncodingIsInOneBatchOfItsLength() {
        let lengths = (0..<300).map { ($0 * 7919) % 257 }
        let encodings = lengths.map { Encoding(ids: Array(repeating: 5, count: $0), secondStart: $0) }
        let batches = TokenBatch.make(encodings)
        #expect(batches.flatMap(\.positions).sorted() == Array(0..<300))
        for batch in batches {
            #expect(batch.columns == max(1, batch.encodings.map(\.ids.count).max() ?? 0))
            #expect(batch.rows <= TokenBatch.maxRows)
            #expect(batch.rows == 1 || batch.rows * batch.columns <= TokenBatch.maxTokens)
            #expect(batch.encodings.allSatisfy { $0.ids.count <= batch.columns })
        }
    }

    @Test func tablesFillRowsUp() {
        let batch = TokenBatch(
            encodings: [Encoding(ids: [1, 2, 3], secondStart: 2), Encoding(ids: [4], secondStart: 1)],
            positions: [0, 1],
            columns: 4,
        )
        #expect(batch.tables(["input_ids"], padding: 9) == [1, 2, 3, 9, 4, 9, 9, 9])
        #expect(batch.tables(["attention_mask"], padding: 9) == [1, 1, 1, 0, 1, 0, 0, 0])
        #expect(batch.tables(["token_type_ids", "input_ids"], padding: 0).prefix(8) == [0, 0, 1, 0, 0, 0, 0, 0])
    }
}
