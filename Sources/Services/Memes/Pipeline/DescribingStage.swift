import Images
import Jobs
import Kernel

/// Asks a vision model what a picture is about.
struct DescribingStage: Sendable {
    let parts: StageParts
    let images: ImagesModule
    /// `nil` when no provider is set up.
    let describer: PictureDescriber?
    let publicURL: String?

    var version: String { describer?.version ?? "none" }

    func run(_ id: ID<Meme>) async throws -> JobEffect {
        guard let meme = try await parts.memes.find(id) else { return noEffect }
        guard let describer else {
            let result = StageResult(
                stage: .describe,
                version: version,
                state: .skipped,
                detail: "No vision model is set up: see models in pictor.yaml",
            )
            return parts.effect(meme, result) { _ in }
        }
        let found = try await texts(of: meme, by: describer)
        let result = StageResult(
            stage: .describe,
            version: describer.version,
            state: .done,
            result: JSON(found.map(\.json)),
        )
        let (store, now) = (parts.texts, parts.time.now)
        return parts.effect(meme, result) { transaction in
            for text in found { try store.put(text, of: id, at: now, in: transaction) }
        }
    }

    /// Equal bytes are paid for once by each model and prompt.
    private func texts(of meme: Meme, by describer: PictureDescriber) async throws -> [MemeText] {
        let known = try await parts.stages.done(.describe, version: describer.version, hash: meme.contentHash)
        if let texts = known?.result?.array { return texts.compactMap(MemeText.init(json:)) }
        return try await describer.describe(try await picture(of: meme)).filter { $0.provenance == .vlm }
    }

    /// The original where it is small; else, and of animations, a size in which text can still be read.
    private func picture(of meme: Meme) async throws -> DescribablePicture {
        let address = publicURL.map { $0 + images.signed("/meme/\(meme.id)/file") }
        if meme.sizeBytes <= 1 << 20, meme.frames == 1 {
            return DescribablePicture(
                bytes: try await images.original(of: ID(same: meme.id)),
                mimeType: meme.mimeType,
                width: meme.width,
                height: meme.height,
                address: address,
            )
        }
        let large = try await images.size("large", of: ID(same: meme.id))
        return DescribablePicture(
            bytes: large.bytes,
            mimeType: "image/webp",
            width: large.width,
            height: large.height,
            address: address,
        )
    }
}

extension MemeText {
    fileprivate var json: JSON {
        ["field": JSON(field.rawValue), "values": JSON(values), "confidence": JSON(confidence)]
    }

    fileprivate init?(json: JSON) {
        guard let field = json["field"]?.string.flatMap(MemeField.init(rawValue:)) else { return nil }
        let values = json["values"]?.array?.compactMap(\.string) ?? []
        self.init(field, values, by: .vlm, confidence: json["confidence"]?.number)
    }
}
