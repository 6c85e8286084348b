/// Whose wire format and errors a provider speaks.
package enum ProviderKind: String, Sendable, CaseIterable {
    case cohere, dashscope, gemini, jina, openai, openrouter, siliconflow, zhipu
    /// Whatever answers like OpenAI: vLLM, Ollama, llama.cpp, gateways.
    case openAICompatible = "openai-compatible"

    /// Also the names that the original settings of memes used.
    init?(name: String) {
        switch name.lowercased() {
        case "qwen": self = .dashscope
        case let name: self.init(rawValue: name)
        }
    }

    /// The public address, without a slash at its end; `nil` where there is none.
    var standardURL: String? {
        switch self {
        case .cohere: "https://api.cohere.com/v2"
        case .dashscope: "https://dashscope.aliyuncs.com/compatible-mode/v1"
        case .gemini: "https://generativelanguage.googleapis.com/v1beta"
        case .jina: "https://api.jina.ai/v1"
        case .openai: "https://api.openai.com/v1"
        case .openAICompatible: nil
        case .openrouter: "https://openrouter.ai/api/v1"
        case .siliconflow: "https://api.siliconflow.cn/v1"
        case .zhipu: "https://open.bigmodel.cn/api/paas/v4"
        }
    }

    /// The variable in which the provider's own tools look for a key.
    var keyVariable: String? {
        switch self {
        case .cohere: "CO_API_KEY"
        case .dashscope: "DASHSCOPE_API_KEY"
        case .gemini: "GEMINI_API_KEY"
        case .jina: "JINA_API_KEY"
        case .openai: "OPENAI_API_KEY"
        case .openAICompatible: nil
        case .openrouter: "OPENROUTER_API_KEY"
        case .siliconflow: "SILICONFLOW_API_KEY"
        case .zhipu: "ZHIPUAI_API_KEY"
        }
    }

    /// A server of one's own may need none.
    var needsKey: Bool { self != .openAICompatible }

    var purposes: Set<ModelPurpose> {
        switch self {
        case .cohere, .jina: [.embedding, .rerank]
        case .dashscope, .openai, .zhipu: [.chat, .embedding, .vision]
        case .gemini: [.chat, .image, .vision]
        case .openrouter: [.chat, .vision]
        case .openAICompatible, .siliconflow: [.chat, .embedding, .rerank, .vision]
        }
    }

    /// Texts in one embedding call: what providers were seen to accept, not what they promise.
    var embeddingBatch: Int {
        switch self {
        case .dashscope: 10
        case .cohere: 96
        case .openai: 256
        case .gemini, .jina, .openAICompatible, .openrouter, .siliconflow, .zhipu: 32
        }
    }

    /// When a day of its quotas begins.
    var quotaZone: QuotaDay.Zone { self == .gemini ? .pacific : .utc }
}
