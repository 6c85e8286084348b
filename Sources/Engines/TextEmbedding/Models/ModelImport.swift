import FoundationEssentials
import Kernel

/// Brings a downloaded model into the home: copies it, converts its tokenizer where it must, runs it once to see what
/// comes out, and writes `model.json`. Nothing is there under its name until all of that went well.
package struct ModelImport: Sendable {
    /// The folder that was downloaded.
    package var folder: String
    package var home: ModelHome
    /// What it will be called: see ``ModelHome/isName(_:)``.
    package var name: String
    /// Overrides what the files tell.
    package var queryPrefix: String?
    /// Overrides what the files tell.
    package var documentPrefix: String?
    /// As SPDX names it.
    package var license = ""

    package init(folder: String, home: ModelHome, name: String) {
        self.folder = folder
        self.home = home
        self.name = name
    }

    /// Does it all; takes seconds to minutes.
    ///
    /// - Throws: ``TextEmbeddingError``, whose message says what is wrong with the folder or missing here.
    package func run() async throws -> ModelFolder {
        let manager = FileManager.default
        let target = "\(home.models)/\(name)"
        guard ModelHome.isName(name) else {
            throw TextEmbeddingError.unusable(why: "A model's name has letters, digits, dots, dashes and underscores.")
        }
        guard !manager.fileExists(atPath: target) else {
            throw TextEmbeddingError.unusable(why: "There is a model named \(name) already; choose another name.")
        }
        try home.checkLibraries()
        let downloaded = try DownloadedModel(folder)
        let staging = "\(home.models)/.import-\(Digest.randomBytes(6).hexadecimal)"
        try manager.createDirectory(atPath: staging, withIntermediateDirectories: true)
        defer { try? manager.removeItem(atPath: staging) }
        var manifest = try downloaded.manifest()
        manifest.queryPrefix = queryPrefix ?? manifest.queryPrefix
        manifest.documentPrefix = documentPrefix ?? manifest.documentPrefix
        manifest.license = license
        try copy(downloaded, to: staging, manifest.tokenizer)
        try await complete(&manifest, in: staging)
        try manager.moveItem(atPath: staging, toPath: target)
        return try ModelFolder(path: target)
    }

    private func copy(_ downloaded: DownloadedModel, to staging: String, _ kind: ModelManifest.TokenizerKind) throws {
        let manager = FileManager.default
        for file in downloaded.modelFiles() {
            try manager.copyItem(atPath: file, toPath: "\(staging)/\(file.split(separator: "/").last ?? "")")
        }
        try manager.copyItem(atPath: "\(folder)/tokenizer.json", toPath: "\(staging)/tokenizer.json")
        if kind == .openVINO { try convertTokenizer(in: staging, home) }
    }

    /// Adds what only a run tells, and the checksums; writes `model.json`.
    private func complete(_ manifest: inout ModelManifest, in staging: String) async throws {
        try write(manifest, in: staging)
        let model = try LocalModel(
            ModelFolder(path: staging),
            libraries: home.libraries,
            precision: .f32,
            lanes: 1,
        )
        if let pooled = try model.outputNames().firstIndex(of: "sentence_embedding"), manifest.kind == .embedding {
            (manifest.output, manifest.pooling) = (pooled, .none)
        }
        let shape = try await shape(of: manifest, model)
        switch (manifest.kind, shape.count) {
        case (.reranker, _) where shape.dropFirst().reduce(1, *) != 1:
            throw TextEmbeddingError.unusable(
                why:
                    "The cross-encoder gives \(shape.last ?? 0) numbers for a pair; only models that give one are known."
            )
        case (.embedding, 2): manifest.pooling = .none
        case (.reranker, _), (.embedding, 3): break
        default:
            throw TextEmbeddingError.unusable(why: "The model gives no vectors but a shape of \(shape.count) numbers.")
        }
        manifest.dimensions = shape.last ?? 1
        for file in try FileManager.default.contentsOfDirectory(atPath: staging) where file != ModelManifest.name {
            manifest.checksums[file] = try ModelFolder.checksum("\(staging)/\(file)")
        }
        try write(manifest, in: staging)
    }

    /// What the model gives for a first text or pair.
    private func shape(of manifest: ModelManifest, _ model: LocalModel) async throws -> [Int] {
        try await model.quick.run { request in
            let encodings =
                manifest.kind == .reranker
                ? try model.encode(query: "what", documents: ["this"]) : try model.encode(["this"])
            let batch = TokenBatch.make(encodings)[0]
            return try model.run(batch, request, output: manifest.output).shape
        }
    }

    private func write(_ manifest: ModelManifest, in staging: String) throws {
        let bytes = Data((manifest.json.prettyText + "\n").utf8)
        try bytes.write(to: URL(filePath: "\(staging)/\(ModelManifest.name)"), options: .atomic)
    }
}
