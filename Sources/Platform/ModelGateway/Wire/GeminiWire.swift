import HTTPClient
import Kernel

/// `POST /models/{model}:generateContent` with text out.
enum GeminiWire {
    /// Reasons to end that are no refusal and no success: asked again they may go away.
    private static let failures: Set<String> = ["MALFORMED_RESPONSE", "OTHER", "FINISH_REASON_UNSPECIFIED"]

    static func exchange(
        _ prompt: ModelPrompt,
        _ turns: [ChatTurn],
        maxTokens: Int,
        _ entry: ModelEntry,
    ) throws(Unfit) -> WireExchange<ChatReply> {
        var body = try question(prompt, turns)
        var generation: JSON = ["temperature": .number(prompt.temperature), "maxOutputTokens": JSON(maxTokens)]
        if let shape = prompt.shape {
            generation["responseMimeType"] = "application/json"
            generation["responseSchema"] = shape.geminiSchema
        }
        body["generationConfig"] = generation
        let request = entry.request("/models/\(entry.model.name):generateContent", body)
        return WireExchange(request: request, read: read, tokens: tokens)
    }

    /// What is asked, without how the answer shall be.
    static func question(_ prompt: ModelPrompt, _ turns: [ChatTurn] = []) throws(Unfit) -> JSON {
        let bytes = prompt.pictures.reduce(0) { $0 + $1.bytes.count }
        guard bytes <= 14_000_000 else { throw Unfit(reason: "the pictures are larger than 20 MB as text") }
        let pictures = prompt.pictures.map { picture -> JSON in
            ["inlineData": ["mimeType": .string(picture.mediaType), "data": .string(picture.bytes.base64)]]
        }
        var contents: [JSON] = [["role": "user", "parts": .array(pictures + [["text": .string(prompt.text)]])]]
        contents += turns.map { turn in
            ["role": turn.isFromModel ? "model" : "user", "parts": [["text": .string(turn.text)]]]
        }
        var body: JSON = ["contents": .array(contents)]
        if !prompt.system.isEmpty { body["systemInstruction"] = ["parts": [["text": .string(prompt.system)]]] }
        return body
    }

    /// With the model's thoughts, which are paid for too.
    static func tokens(_ json: JSON) -> WireTokens {
        let usage = json["usageMetadata"]
        let output = [usage?["candidatesTokenCount"]?.integer, usage?["thoughtsTokenCount"]?.integer].compactMap { $0 }
        return WireTokens(
            input: usage?["promptTokenCount"]?.integer.map { Int($0) },
            output: output.isEmpty ? nil : Int(output.reduce(0, +)),
            drawn: (usage?["candidatesTokensDetails"]?.array ?? []).reduce(0) { sum, part in
                sum + (part["modality"] == "IMAGE" ? Int(part["tokenCount"]?.integer ?? 0) : 0)
            },
        )
    }

    private static func read(_ json: JSON) throws -> WireReply<ChatReply> {
        if let reason = json["promptFeedback"]?["blockReason"]?.string { throw WireProblem.refused(reason) }
        guard let candidate = json["candidates"]?.array?.first else { throw WireProblem.lie("there is no candidate") }
        let reason = candidate["finishReason"]?.string ?? "STOP"
        if failures.contains(reason) { throw WireProblem.lie("it ended with \(reason)") }
        guard ["STOP", "MAX_TOKENS"].contains(reason) else { throw WireProblem.refused(reason) }
        let parts = candidate["content"]?["parts"]?.array ?? []
        let text = parts.filter { $0["thought"]?.bool != true }.compactMap { $0["text"]?.string }.joined()
        guard !text.isEmpty || reason == "MAX_TOKENS" else { throw WireProblem.lie("the answer has no text") }
        let tokens = tokens(json)
        return WireReply(
            answer: ChatReply(text: text, isCutOff: reason == "MAX_TOKENS"),
            inputTokens: tokens.input,
            outputTokens: tokens.output,
        )
    }
}
