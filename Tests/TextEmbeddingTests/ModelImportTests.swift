import FoundationEssentials
import Kernel
import TestSupport
import Testing

@testable import TextEmbedding

/// Models as people download them, imported and compared with onnxruntime and Hugging Face's tokenizers.
@Suite struct ModelImportTests {
    private let downloads: DownloadedModels
    private let home: ModelHome

    init() async throws {
        downloads = try await DownloadedModels.shared.value
        home = try downloads.newHome()
    }

    private func importModel(_ name: String) async throws -> ModelFolder {
        try await ModelImport(folder: "\(downloads.path)/\(name)", home: home, name: name).run()
    }

    @Test func miniLMAsONNXGivesTheVectorsOfOnnxruntime() async throws {
        let folder = try await importModel("minilm")
        #expect(folder.manifest.tokenizer == .wordPiece)
        #expect(folder.manifest.pooling == .mean)
        #expect(folder.manifest.maxTokens == 256)
        let embedder = try LocalEmbedder(home: home, model: "minilm", precision: .f32, lanes: 2)
        #expect(embedder.dimensions == 384)
        #expect(embedder.actualPrecision == "f32")
        let found = try await embedder.embed(downloads.texts, as: .document)
        try expectSame(found, downloads.vectors("minilm"), atLeast: 0.99999)
        // The model that script/setup makes has weights of 16 bits.
        let ours = try LocalEmbedder(miniLM(), TextEmbeddingTests.home, precision: .f32, lanes: 1)
        try expectSame(await ours.embed(downloads.texts, as: .query), found, atLeast: 0.99999)
    }

    @Test func otherTokenizersAreConvertedAndPrefixesSet() async throws {
        let folder = try await importModel("toy")
        #expect(folder.manifest.tokenizer == .openVINO)
        #expect(folder.manifest.pooling == .cls)
        #expect(folder.manifest.padding == 1)
        #expect(folder.manifest.queryPrefix == "find: ")
        let embedder = try LocalEmbedder(home: home, model: "toy", precision: .f32, lanes: 2)
        let documents = try await embedder.embed(downloads.texts, as: .document)
        try expectSame(documents, downloads.vectors("toy"), atLeast: 0.99999)
        let queries = try await embedder.embed(downloads.texts, as: .query)
        #expect(dot(queries[1], documents[1]) < 0.9999)
        let withNUL = try await embedder.embed(["a c\0at sleeps\0 on the sofa"], as: .document)
        try expectSame(withNUL, [documents[1]], atLeast: 0.99999)
    }

    @Test func crossEncoderGivesTheScoresOfOnnxruntime() async throws {
        let folder = try await importModel("cross")
        #expect(folder.manifest.kind == .reranker)
        let reranker = try LocalReranker(home: home, model: "cross", precision: .f32, lanes: 2)
        let found = try await reranker.scores(query: downloads.query, documents: downloads.documents)
        let expected = downloads.scores("cross")
        #expect(found.count == expected.count)
        for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-4) }
        #expect(try await reranker.scores(query: "x", documents: []) == [])
        #expect(throws: TextEmbeddingError.noModel(name: "cross", kind: .embedding)) {
            try LocalEmbedder(home: home, model: "cross", lanes: 1)
        }
    }

    @Test func importedModelsAreListedAndChangedFilesFound() async throws {
        let folder = try await importModel("cross")
        #expect(home.all().map(\.name) == ["cross"])
        #expect(folder.damagedFiles() == [])
        try Data("{}".utf8).write(to: URL(filePath: folder.path(of: "tokenizer.json")))
        #expect(folder.damagedFiles() == ["tokenizer.json"])
        await #expect(throws: TextEmbeddingError.self) { try await importModel("cross") }
    }

    @Test(arguments: ["model.onnx", "tokenizer.json"])
    func incompleteFolderIsRefusedAndLeavesNothing(missing: String) async throws {
        let folder = try TemporaryFolder()
        for name in ["model.onnx", "tokenizer.json", "config.json"] where name != missing {
            try FileManager.default.copyItem(
                atPath: "\(downloads.path)/cross/\(name)",
                toPath: "\(folder.path)/\(name)",
            )
        }
        let model = ModelImport(folder: folder.path, home: home, name: "half")
        let error = await #expect(throws: TextEmbeddingError.self) { try await model.run() }
        #expect(error?.message.contains(missing) == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.models) == [])
    }

    @Test func withoutPythonTheSentenceSaysWhatToDo() async throws {
        try FileManager.default.removeItem(atPath: "\(home.path)/models-venv")
        let error = await #expect(throws: TextEmbeddingError.self) { try await importModel("toy") }
        #expect(error?.message.contains("script/setup") == true)
    }

    @Test(arguments: ["", ".hidden", "a/b", "../x", "naïve"])
    func strangeNamesAreRefused(name: String) async throws {
        let model = ModelImport(folder: "\(downloads.path)/cross", home: home, name: name)
        await #expect(throws: TextEmbeddingError.self) { try await model.run() }
    }

    private func expectSame(_ found: [[Float]], _ expected: [[Float]], atLeast cosine: Float) throws {
        #expect(found.count == expected.count)
        for (index, (found, expected)) in zip(found, expected).enumerated() {
            try #require(found.count == expected.count)
            #expect(dot(found, expected) > cosine, "text \(index)")
        }
    }
}
