import FoundationEssentials
import Kernel

/// A folder as people download it: an ONNX or OpenVINO model with the files of Hugging Face and sentence-transformers
/// beside it. Only reads; what it finds becomes a ``ModelManifest``.
struct DownloadedModel {
    let folder: String
    /// The model's file, relative to `folder`.
    let model: String
    let tokenizer: TokenizerFile
    private let config: JSON
    private let pooling: JSON
    private let sentence: JSON
    private let prompts: JSON

    /// Throws ``TextEmbeddingError/unusable(why:)`` saying which file is missing.
    init(_ folder: String) throws {
        self.folder = folder
        guard let model = Self.findModel(in: folder) else {
            throw TextEmbeddingError.unusable(
                why: "The folder holds no model: neither model.onnx, onnx/model.onnx nor openvino_model.xml."
            )
        }
        self.model = model
        guard let bytes = Self.read("\(folder)/tokenizer.json") else {
            throw TextEmbeddingError.unusable(
                why: """
                    The folder holds no tokenizer.json. Hugging Face's transformers writes it with \
                    AutoTokenizer.from_pretrained(…).save_pretrained(…).
                    """
            )
        }
        tokenizer = try TokenizerFile(bytes)
        config = Self.json("\(folder)/config.json")
        pooling = Self.json("\(folder)/1_Pooling/config.json")
        sentence = Self.json("\(folder)/sentence_bert_config.json")
        prompts = Self.json("\(folder)/config_sentence_transformers.json")["prompts"] ?? .null
    }

    /// All that the files tell. Dimensions are told by a first run, and so is pooling where the model does it.
    func manifest() throws -> ModelManifest {
        ModelManifest(
            kind: isCrossEncoder ? .reranker : .embedding,
            model: model.split(separator: "/").last.map(String.init) ?? model,
            dimensions: 1,
            pooling: isCrossEncoder ? .none : try declaredPooling(),
            maxTokens: maxTokens,
            tokenizer: tokenizer.isPlainWordPiece ? .wordPiece : .openVINO,
            padding: padding,
            queryPrefix: prompts["query"]?.string ?? "",
            documentPrefix: prompts["document"]?.string ?? prompts["passage"]?.string ?? "",
            source: config["_name_or_path"]?.string ?? "",
        )
    }

    /// The model's file and what belongs to it: weights beside an `.xml`, or kept outside of an `.onnx` under its name.
    func modelFiles() -> [String] {
        let path = "\(folder)/\(model)"
        let parent = path.split(separator: "/").dropLast().map { "/\($0)" }.joined()
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        let stem = name.hasSuffix(".xml") ? "\(name.dropLast(4)).bin" : "\(name)"
        let beside = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        return beside.filter { $0 == name || $0.hasPrefix(stem) }.sorted().map { "\(parent)/\($0)" }
    }

    private var isCrossEncoder: Bool {
        (config["architectures"]?.array ?? []).contains { $0.string?.hasSuffix("ForSequenceClassification") == true }
    }

    /// What sentence-transformers was told; without it the mean, as it does itself.
    private func declaredPooling() throws -> Pooling {
        guard pooling != .null else { return .mean }
        if pooling["pooling_mode_cls_token"]?.bool == true { return .cls }
        if pooling["pooling_mode_mean_tokens"]?.bool == true { return .mean }
        throw TextEmbeddingError.unusable(
            why: "1_Pooling/config.json asks for a pooling that is not known here: the mean and the first token are."
        )
    }

    private var maxTokens: Int {
        if let told = sentence["max_seq_length"]?.integer, (4...1_000_000).contains(told) { return Int(told) }
        let positions = config["max_position_embeddings"]?.integer ?? 512
        // RoBERTa and its kin count positions from behind the padding's id.
        let isRoberta = config["model_type"]?.string?.contains("roberta") == true
        return Int(min(max(positions - (isRoberta ? 2 : 0), 4), 1_000_000))
    }

    private var padding: Int32 {
        config["pad_token_id"]?.integer.flatMap { Int32(exactly: $0) } ?? tokenizer.padding?.pad_id ?? 0
    }

    private static func findModel(in folder: String) -> String? {
        ["model.onnx", "onnx/model.onnx", "openvino_model.xml", "openvino/openvino_model.xml", "model.xml"].first {
            FileManager.default.fileExists(atPath: "\(folder)/\($0)")
        }
    }

    static func read(_ path: String) -> [UInt8]? {
        (try? Data(contentsOf: URL(filePath: path))).map { Array($0) }
    }

    private static func json(_ path: String) -> JSON {
        read(path).flatMap { try? JSON(parsing: $0) } ?? .null
    }
}
