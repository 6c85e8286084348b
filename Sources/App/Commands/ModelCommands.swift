import FoundationEssentials
import Kernel
import TextEmbedding

/// `pictor model list`
struct ModelListCommand: Command {
    static let name = "model list"
    static let summary = "List the models of this machine that compare meanings"
    static let options: [Option] = [
        .flag("--verify", "Read every file and compare it with its checksum."), .flag("--json", "Print JSON."),
    ]
    static let details = """
        Models stand in the folder models of PICTOR_HOME, else beside the program or in .pictor.
        With --verify the exit code is 1 when a file is damaged.
        """

    private let arguments: Arguments

    init(_ arguments: Arguments) throws {
        try arguments.requireNoWords()
        self.arguments = arguments
    }

    func run() async throws -> Int32 {
        let models = ModelHome.find().all()
        let damaged = models.map { arguments.has("--verify") ? $0.damagedFiles() : [] }
        if arguments.has("--json") {
            Terminal.print(JSON(zip(models, damaged).map { modelJSON($0, damaged: $1) }).prettyText)
        } else if models.isEmpty {
            Terminal.print("There are no models. script/setup makes minilm; see pictor model import --help for others.")
        } else {
            for (model, damaged) in zip(models, damaged) { Terminal.print(modelLine(model, damaged: damaged)) }
        }
        return damaged.allSatisfy(\.isEmpty) ? ExitCode.success : ExitCode.failure
    }
}

/// `pictor model import`
struct ModelImportCommand: Command {
    static let name = "model import"
    static let summary = "Add a downloaded embedding model or cross-encoder to those of this machine"
    static let usage = "[OPTION]… DIR"
    static let options: [Option] = [
        .option("--name", "NAME", "What the model will be called (the folder's name)."),
        .option("--query-prefix", "TEXT", "Stands before every query (what the model's files say)."),
        .option("--document-prefix", "TEXT", "Stands before every document (what the model's files say)."),
        .option("--license", "NAME", "The model's licence, for the list."),
        .flag("--json", "Print JSON."),
    ]
    static let examples = ["pictor model import ~/Downloads/bge-small-en-v1.5 --license MIT"]
    static let details = """
        DIR holds model.onnx (or onnx/model.onnx, or openvino_model.xml), tokenizer.json and config.json, as Hugging
        Face serves them, and for encoders 1_Pooling/config.json. Then choose it: embedding.model or
        embedding.reranker in pictor.yaml. Vectors of another model are another space: all texts are embedded anew.
        """

    private let arguments: Arguments
    private let folder: String

    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        folder = try arguments.onlyWord("folder with a model")
    }

    func run() async throws -> Int32 {
        let path = folder.hasPrefix("/") ? folder : "\(FileManager.default.currentDirectoryPath)/\(folder)"
        let name = arguments.value("--name") ?? path.split(separator: "/").last.map(String.init) ?? ""
        var model = ModelImport(folder: path, home: ModelHome.find(), name: name)
        model.queryPrefix = arguments.value("--query-prefix")
        model.documentPrefix = arguments.value("--document-prefix")
        model.license = arguments.value("--license") ?? ""
        let imported = try await model.run()
        if arguments.has("--json") {
            Terminal.print(modelJSON(imported, damaged: []).prettyText)
        } else {
            let setting = imported.manifest.kind == .embedding ? "embedding.model" : "embedding.reranker"
            Terminal.print(modelLine(imported, damaged: []))
            Terminal.print("Use it with \(setting): \(imported.name)")
        }
        return ExitCode.success
    }
}

private func modelLine(_ model: ModelFolder, damaged: [String]) -> String {
    let manifest = model.manifest
    let facts = [
        model.name, manifest.kind.rawValue, manifest.kind == .embedding ? "\(manifest.dimensions) dimensions" : nil,
        "\(manifest.maxTokens) tokens", manifest.license.isEmpty ? nil : manifest.license,
        damaged.isEmpty ? nil : Terminal.red("damaged: \(damaged.joined(separator: ", "))"),
    ]
    return facts.compactMap { $0 }.joined(separator: "  ")
}

private func modelJSON(_ model: ModelFolder, damaged: [String]) -> JSON {
    let manifest = model.manifest
    return [
        "name": JSON(model.name), "kind": JSON(manifest.kind.rawValue), "dimensions": JSON(manifest.dimensions),
        "max_tokens": JSON(manifest.maxTokens), "pooling": JSON(manifest.pooling.rawValue),
        "tokenizer": JSON(manifest.tokenizer.rawValue), "query_prefix": JSON(manifest.queryPrefix),
        "document_prefix": JSON(manifest.documentPrefix), "fingerprint": JSON(manifest.fingerprint),
        "license": JSON(manifest.license), "damaged": JSON(damaged),
    ]
}
