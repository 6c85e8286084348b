import HTTPClient
import Kernel

/// A model's words.
struct ChatReply: Sendable {
    let text: String
    /// Whether the answer was cut off because it became too long.
    let isCutOff: Bool
}

/// A turn of the conversation after the prompt.
struct ChatTurn: Sendable {
    let isFromModel: Bool
    let text: String
}

/// `POST /chat/completions`, which all but Google and Cohere speak.
enum ChatWire {
    /// The longest data URI that DashScope takes; others take more.
    private static let longestDataURI = 10_485_760

    static func exchange(
        _ prompt: ModelPrompt,
        _ turns: [ChatTurn],
        maxTokens: Int,
        _ entry: ModelEntry,
    ) throws(Unfit) -> WireExchange<ChatReply> {
        var messages: [JSON] = []
        if !prompt.system.isEmpty { messages.append(["role": "system", "content": .string(prompt.system)]) }
        messages.append(["role": "user", "content": try content(prompt, entry)])
        for turn in turns {
            messages.append(["role": turn.isFromModel ? "assistant" : "user", "content": .string(turn.text)])
        }
        var body: JSON = [
            "model": .string(entry.model.name), "messages": .array(messages),
            "temperature": .number(prompt.temperature), "max_tokens": JSON(maxTokens),
        ]
        if let shape = prompt.shape { body["response_format"] = format(shape, entry.kind) }
        return WireExchange(request: entry.request("/chat/completions", body), read: read, tokens: tokens)
    }

    private static func content(_ prompt: ModelPrompt, _ entry: ModelEntry) throws(Unfit) -> JSON {
        guard !prompt.pictures.isEmpty else { return .string(prompt.text) }
        if entry.model.takesAddressesOnly, prompt.pictures.count > 1 { throw Unfit(reason: "it takes one picture") }
        var parts: [JSON] = []
        for picture in prompt.pictures {
            parts.append(["type": "image_url", "image_url": ["url": .string(try address(picture, entry))]])
        }
        return .array(parts + [["type": "text", "text": .string(prompt.text)]])
    }

    private static func address(_ picture: ModelPicture, _ entry: ModelEntry) throws(Unfit) -> String {
        if entry.model.takesAddressesOnly {
            guard let address = picture.address else { throw Unfit(reason: "it takes pictures by their address only") }
            return address
        }
        let uri = "data:\(picture.mediaType);base64,\(picture.bytes.base64)"
        guard uri.utf8.count <= longestDataURI else { throw Unfit(reason: "the picture is larger than 10 MiB as text") }
        return uri
    }

    /// Only who is known to take it gets a strict schema; the others read the prompt. `nil` sends nothing.
    private static func format(_ shape: AnswerShape, _ kind: ProviderKind) -> JSON? {
        switch kind {
        case .openai, .openrouter, .openAICompatible:
            [
                "type": "json_schema",
                "json_schema": ["name": "answer", "strict": true, "schema": shape.jsonSchema],
            ]
        default: nil
        }
    }

    private static func read(_ json: JSON) throws -> WireReply<ChatReply> {
        guard let choice = json["choices"]?.array?.first, let message = choice["message"] else {
            throw WireProblem.lie("there is no choice with a message")
        }
        let reason = choice["finish_reason"]?.string ?? ""
        if ["content_filter", "sensitive"].contains(reason) { throw WireProblem.refused(reason) }
        if let refusal = message["refusal"]?.string, !refusal.isEmpty { throw WireProblem.refused(refusal) }
        guard let text = text(message["content"] ?? .null) else { throw WireProblem.lie("the message has no text") }
        let tokens = tokens(json)
        return WireReply(
            answer: ChatReply(text: text, isCutOff: reason == "length"),
            inputTokens: tokens.input,
            outputTokens: tokens.output,
        )
    }

    private static func tokens(_ json: JSON) -> WireTokens {
        WireTokens(
            input: json["usage"]?["prompt_tokens"]?.integer.map { Int($0) },
            output: json["usage"]?["completion_tokens"]?.integer.map { Int($0) },
        )
    }

    /// One text, or a list of parts of which some are text.
    private static func text(_ content: JSON) -> String? {
        if let text = content.string { return text }
        let parts = content.array?.compactMap { $0.string ?? $0["text"]?.string } ?? []
        return parts.isEmpty ? nil : parts.joined()
    }
}
