/// What is known about models by their names, so that settings need not say it. A setting wins.
enum KnownModels {
    /// Length of a model's vectors; `nil` for a model that is not known.
    /// Source: the providers' model lists, 2026-11.
    static func dimensions(_ model: String) -> Int? {
        let table: [(part: String, dimensions: Int)] = [
            ("qwen3-embedding-8b", 4096), ("qwen3-embedding-4b", 2560), ("qwen3-embedding-0.6b", 1024),
            ("bge-m3", 1024), ("bge-large", 1024), ("bce-embedding", 768),
            ("text-embedding-3-small", 1536), ("text-embedding-3-large", 3072), ("text-embedding-ada-002", 1536),
            ("text-embedding-v4", 1024), ("text-embedding-v3", 1024), ("embedding-3", 2048),
            ("jina-embeddings-v3", 1024), ("embed-v4", 1536), ("embed-multilingual-v3", 1024),
        ]
        let name = model.lowercased()
        return table.first { name.contains($0.part) }?.dimensions
    }

    /// Whether the model takes the wanted length of its vectors; others refuse the field.
    static func takesDimensions(_ model: String) -> Bool {
        let parts = [
            "qwen3-embedding", "text-embedding-3-", "text-embedding-v3", "text-embedding-v4", "embedding-3",
            "jina-embeddings-v3",
        ]
        return parts.contains { model.lowercased().contains($0) }
    }

    /// Tokens that a model reads of a text; the rest is cut off before it is sent.
    static func maxInputTokens(_ model: String) -> Int {
        let name = model.lowercased()
        return ["bge-large", "bce-embedding"].contains { name.contains($0) } ? 512 : 8192
    }

    /// The task before a query, for models that were trained with one. Worth 1–5 % by the model card.
    static func instruction(_ model: String) -> String? {
        model.lowercased().contains("qwen3-embedding")
            ? "Given a search query, find the memes whose text or meaning fits it" : nil
    }

    /// The largest picture that a model draws; others than these refuse to be told a size, and draw a megapixel.
    static func largestDrawing(_ model: String) -> DrawnSize {
        let name = model.lowercased()
        return ["gemini-3-pro-image", "gemini-3.1-flash-image"].contains { name.contains($0) } ? .fourK : .oneK
    }

    static func takesAddressesOnly(_ model: String) -> Bool { model.lowercased() == "glm-4v-flash" }
}
