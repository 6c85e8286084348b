import FoundationEssentials
import HTTPClient
import Kernel

/// `POST /models/{model}:generateContent` with a picture out.
enum GeminiDrawingWire {
    /// Reasons to end without a picture that are no refusal of the content: asked again there may be one.
    private static let failures: Set<String> = [
        "FINISH_REASON_UNSPECIFIED", "IMAGE_OTHER", "MALFORMED_RESPONSE", "MAX_TOKENS", "NO_IMAGE", "OTHER", "STOP",
    ]
    /// Of an answer: a picture of 4K as PNG, in base64, may come to some 30 MB.
    private static let longestAnswer = 48 << 20

    /// `aspectRatio`: such as `4:3`; `pixels`: as many as are wanted.
    static func exchange(
        _ prompt: ModelPrompt,
        aspectRatio: String,
        pixels: Int,
        _ entry: ModelEntry,
    ) throws(Unfit) -> WireExchange<ModelDrawing.Picture> {
        guard entry.kind == .gemini else { throw Unfit(reason: "its kind gives no pictures") }
        var image: JSON = ["aspectRatio": .string(aspectRatio)]
        let size = DrawnSize.fitting(pixels, upTo: entry.model.largestDrawing)
        // The smallest is what all draw that are told none, and some refuse to be told.
        if size != .oneK { image["imageSize"] = .string(size.rawValue) }
        var body = try GeminiWire.question(prompt)
        body["generationConfig"] = [
            // With pictures alone a refusal would have no words.
            "responseModalities": ["TEXT", "IMAGE"], "imageConfig": image,
            "temperature": .number(prompt.temperature),
        ]
        var request = entry.request("/models/\(entry.model.name):generateContent", body)
        request.maxResponseBytes = longestAnswer
        return WireExchange(request: request, read: read, tokens: GeminiWire.tokens)
    }

    private static func read(_ json: JSON) throws -> WireReply<ModelDrawing.Picture> {
        if let reason = json["promptFeedback"]?["blockReason"]?.string { throw WireProblem.refused(reason) }
        guard let candidate = json["candidates"]?.array?.first else { throw WireProblem.lie("there is no candidate") }
        // The reason stands beside the content; refusals have none of it.
        let reason = candidate["finishReason"]?.string ?? "STOP"
        guard failures.contains(reason) else { throw WireProblem.refused(reason) }
        let parts = (candidate["content"]?["parts"]?.array ?? []).filter { $0["thought"]?.bool != true }
        let words = parts.compactMap { $0["text"]?.string }.joined()
        guard reason == "STOP", let picture = parts.compactMap(Self.picture).last else {
            throw WireProblem.noPicture("it ended with \(reason): \(words.prefix(200))")
        }
        let tokens = GeminiWire.tokens(json)
        return WireReply(
            answer: picture,
            inputTokens: tokens.input,
            outputTokens: tokens.output,
            drawnTokens: tokens.drawn,
        )
    }

    private static func picture(_ part: JSON) -> ModelDrawing.Picture? {
        guard let type = part["inlineData"]?["mimeType"]?.string, type.hasPrefix("image/"),
            let bytes = part["inlineData"]?["data"]?.string.flatMap({ Data(base64Encoded: $0) })
        else { return nil }
        return ModelDrawing.Picture(bytes: Array(bytes), mediaType: type)
    }
}
