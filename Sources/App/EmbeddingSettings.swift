import Configuration
import TextEmbedding

/// What compares the meanings of texts on this machine.
struct EmbeddingSettings: Sendable {
    /// The name of the model that turns texts into vectors.
    let model: String
    /// The name of a cross-encoder; `nil` for none.
    let reranker: String?
    let precision: Precision

    init(_ reader: SettingsReader) {
        model = reader.string(
            "embedding.model",
            default: "minilm",
            .modelName,
            help: "The model that compares meanings, one of pictor model list.",
        )
        reranker = reader.string(
            "embedding.reranker",
            .modelName,
            help:
                "The model that reads the query with each of the best hits and orders them anew; without it nothing does.",
        )
        precision = reader.choice(
            "embedding.precision",
            default: Precision.auto,
            help:
                "bf16 takes half the time of f32; auto takes it where the CPU has it. Machines that share an index need the same.",
        )
    }

    /// Loads the model; takes tenths of a second for small ones.
    ///
    /// `lanes`: Threads for documents; queries have one of their own.
    /// Throws `TextEmbeddingError`, whose message says how to mend it.
    func openEmbedder(_ home: ModelHome, lanes: Int) throws -> LocalEmbedder {
        try LocalEmbedder(home: home, model: model, precision: precision, lanes: lanes)
    }

    /// Loads the cross-encoder; `nil` when none is chosen.
    ///
    /// Throws as ``openEmbedder(_:lanes:)``.
    func openReranker(_ home: ModelHome, lanes: Int) throws -> LocalReranker? {
        try reranker.map { try LocalReranker(home: home, model: $0, precision: precision, lanes: lanes) }
    }
}

extension SettingText {
    /// What a folder below `models` may be called.
    fileprivate static let modelName = SettingText.where("a name of letters, digits, dots, dashes and underscores") {
        ModelHome.isName($0)
    }
}
