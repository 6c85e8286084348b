import Kernel

/// What a model drew.
package struct ModelDrawing: Sendable {
    /// A file as it came; nobody has looked into it.
    package struct Picture: Sendable {
        package let bytes: [UInt8]
        /// As the model calls it, such as `image/png`.
        package let mediaType: String
    }

    package let picture: Picture
    package let model: ModelName
    package let usage: ModelUsage
}

extension ModelGateway {
    /// Has a model draw a picture after others and words. One picture is reserved of the quotas of pictures, whatever
    /// number the prompt has: providers count what they draw.
    ///
    /// - Parameters:
    ///   - prompt: Its shape and its length do not count.
    ///   - aspectRatio: Of the picture, as models take it, such as `4:3`.
    ///   - pixels: So many are of use to the caller. A model that draws in several sizes takes the one that fits.
    ///   - deadline: How long to wait for a quota or a better moment; `nil` does not wait.
    /// - Returns: The picture; its size is the model's choice.
    /// - Throws: ``ModelError``; its code is `no_picture` where a model answered with words alone.
    package func draw(
        _ prompt: ModelPrompt,
        aspectRatio: String,
        pixels: Int = DrawnSize.oneK.pixels,
        until deadline: Timestamp? = nil,
    ) async throws -> ModelDrawing {
        let words = TextSize.tokens(prompt.system) + TextSize.tokens(prompt.text)
        let pictures = prompt.pictures.reduce(0) { $0 + TextSize.tokens(width: $1.width, height: $1.height) }
        let plan = CallPlan(
            purpose: .image,
            load: QuotaKeeper.Load(
                tokens: words + pictures + DrawnSize.fitting(pixels, upTo: .fourK).tokens,
                images: 1,
            ),
            deadline: deadline,
        )
        let drawn = try await call(plan) {
            try GeminiDrawingWire.exchange(prompt, aspectRatio: aspectRatio, pixels: pixels, $0)
        }
        return ModelDrawing(picture: drawn.answer, model: drawn.model, usage: drawn.usage)
    }
}
