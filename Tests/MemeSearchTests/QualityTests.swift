import Foundation
import Kernel
import OCR
import TestSupport
import TextEmbedding
import Testing

@testable import MemeSearch

/// The small form of `script/bench search`: pictures of the test split, read by the product's OCR, and found again. The
/// truth is the renderer's.
@Suite struct QualityTests {
    private struct Truth: Decodable {
        let file: String
        let key: String
        let caption: String
        let language: String
    }

    private static let pictures = 150

    @Test(.timeLimit(.minutes(10))) func renderedMemesAreFoundByTheirWordsAndByTheirMeaning() async throws {
        let folder = try TemporaryFolder()
        let truths = try await render(into: folder.path)
        try #require(truths.count == Self.pictures)
        let texts = try await read(truths, in: folder.path)
        let index = LexicalIndex()
        for (number, text) in texts.enumerated() { index.upsert(document(UInt32(number), text)) }
        let english = truths.indices.filter { truths[$0].language == "en" }

        let exact = english.map { Double(index.found(truths[$0].caption, count: 5).contains(UInt32($0)) ? 1 : 0) }
        #expect(mean(exact) >= 0.95, "recall@5 of exact captions")
        let cut = english.filter { index.found(truths[$0].caption, count: 5, cutOff: .automatic).contains(UInt32($0)) }
        #expect(mean(exact) - Double(cut.count) / Double(english.count) <= 0.02, "what the cut-off takes")
        let nothing = try lines("test.none.txt").filter { !index.found($0, cutOff: .automatic).isEmpty }
        #expect(nothing.count <= 3, "\(nothing) have no answer")

        let embedder = try LocalEmbedder(home: .find(chosen: nil), model: "minilm", precision: .f32, lanes: 2)
        let vectors = try await embedder.embed(texts, as: .document)
        let (lexical, hybrid) = try await paraphrases(of: truths, index, embedder, vectors)
        #expect(hybrid.count >= 50)
        #expect(mean(hybrid) >= 0.6, "recall@5 of paraphrases")
        #expect(mean(hybrid) >= mean(lexical) + 0.2, "vectors find what words do not: \(mean(lexical))")
    }

    @Test func theWeightsOfTheProductAreTheFittedOnes() throws {
        struct Weights: Decodable {
            let hybrid: [String: [String: Double]]
            let lexical: [String: [String: Double]]
            let hybridFloor: [String: Double]
            let lexicalFloor: [String: Double]
        }
        let path = repositoryRoot + "/Benchmarks/SearchQuality/weights.json"
        let kept = try JSONDecoder().decode(Weights.self, from: Data(contentsOf: URL(filePath: path)))
        let fitted = RankingWeights.fitted
        #expect(kept.hybrid == named(fitted.hybrid) && kept.lexical == named(fitted.lexical))
        #expect(kept.hybridFloor == named(fitted.hybridFloor) && kept.lexicalFloor == named(fitted.lexicalFloor))
    }

    private func named(_ weights: RankingWeights.LegWeights) -> [String: Double] {
        Dictionary(uniqueKeysWithValues: weights.map { ($0.key.rawValue, $0.value) })
    }

    private func named(_ weights: [Intent: RankingWeights.LegWeights]) -> [String: [String: Double]] {
        Dictionary(uniqueKeysWithValues: weights.map { ($0.key.rawValue, named($0.value)) })
    }

    private func render(into folder: String) async throws -> [Truth] {
        let python = repositoryRoot + "/.pictor/venv/bin/python3"
        try #require(FileManager.default.fileExists(atPath: python), "run script/setup --test")
        let process = try ChildProcess(
            [
                python, "-B", repositoryRoot + "/Benchmarks/SearchQuality/render.py", "--split", "test",
                "--count", "\(Self.pictures)", "--seed", "3", "--languages", "en", "--out", folder,
            ],
            environment: [:],
            folder: folder,
        )
        try #require(await process.exitCode() == 0, "\(process.output)")
        return try String(contentsOfFile: folder + "/truth.jsonl", encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Truth.self, from: Data($0.utf8))
        }
    }

    private func read(_ truths: [Truth], in folder: String) async throws -> [String] {
        var limits = OCREngine.Limits()
        limits.time = .seconds(300)
        let engine = try OCREngine(languages: ["eng"], width: 2, limits: limits)
        return try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for (number, truth) in truths.enumerated() {
                group.addTask {
                    let picture = try Array(Data(contentsOf: URL(filePath: "\(folder)/\(truth.file)")))
                    return (number, try await engine.recognize(picture, mode: .recall).text)
                }
            }
            var texts = [String](repeating: "", count: truths.count)
            for try await (number, text) in group { texts[number] = text }
            return texts
        }
    }

    /// Recall@5 of every paraphrase that a person wrote of a rendered caption, without and with vectors.
    private func paraphrases(
        of truths: [Truth],
        _ index: LexicalIndex,
        _ embedder: LocalEmbedder,
        _ vectors: [[Float]],
    ) async throws -> (lexical: [Double], hybrid: [Double]) {
        var (lexical, hybrid): ([Double], [Double]) = ([], [])
        for line in try lines("test.paraphrase.en.tsv") {
            let fields = line.split(separator: "\t").map(String.init)
            guard let number = truths.firstIndex(where: { $0.key == fields[0] }) else { continue }
            let vector = try await embedder.embed([fields[1]], as: .query)[0]
            let dense = DenseSearch(scale: .miniLM) { count, allowed in
                let near = vectors.enumerated().filter { allowed?.contains(UInt32($0.offset)) ?? true }.map {
                    (number: UInt32($0.offset), cosine: zip(vector, $0.element).reduce(0) { $0 + $1.0 * $1.1 })
                }
                return Array(near.sorted { $0.cosine > $1.cosine }.prefix(count))
            }
            var request = SearchRequest(SearchQuery(fields[1]), dense: dense)
            request.cutOff = .none
            let found = MemeSearcher(index).search(request).hits.map(\.number)
            hybrid.append(found.contains(UInt32(number)) ? 1 : 0)
            lexical.append(index.found(fields[1], count: 5).contains(UInt32(number)) ? 1 : 0)
        }
        return (lexical, hybrid)
    }

    private func lines(_ name: String) throws -> [String] {
        let path = repositoryRoot + "/Benchmarks/SearchQuality/queries/" + name
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }
}
