import Images
import Jobs
import Kernel
import OCR

/// Reads the words on a picture and keeps them with their places.
struct ReadingStage: Sendable {
    let parts: StageParts
    let images: ImagesModule
    /// `nil` when nothing that reads is installed.
    let reader: PictureReader?

    var version: String { reader?.version ?? "none" }

    func run(_ id: ID<Meme>) async throws -> JobEffect {
        guard let meme = try await parts.memes.find(id) else { return noEffect }  // deleted meanwhile
        guard let reader else {
            let result = StageResult(
                stage: .read,
                version: version,
                state: .skipped,
                detail: "No language is installed to read with: apt install tesseract-ocr-eng",
            )
            return parts.effect(meme, result) { _ in }
        }
        let reading = try await reading(of: meme, by: reader)
        let result = StageResult(stage: .read, version: reader.version, state: .done, result: reading.json)
        let found = [
            MemeText(.ocr, [reading.text], by: .ocr, confidence: reading.confidence),
            MemeText(.caption, [reading.singleText], by: .ocr, confidence: reading.confidence),
        ]
        let (texts, now) = (parts.texts, parts.time.now)
        return parts.effect(meme, result) { transaction in
            for text in found { try texts.put(text, of: id, at: now, in: transaction) }
        }
    }

    /// Equal bytes are read once by each version.
    private func reading(of meme: Meme, by reader: PictureReader) async throws -> Recognition {
        let known = try await parts.stages.done(.read, version: reader.version, hash: meme.contentHash)
        if let reading = Recognition(json: known?.result) { return reading }
        return try await reader.read(try await images.original(of: ID(same: meme.id)))
    }
}
