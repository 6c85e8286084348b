import Kernel
import OCR

/// What reads words on pictures.
package struct PictureReader: Sendable {
    /// Names the engine, its languages and passes; pictures read by another version are read again.
    let version: String
    /// Tesseract's names.
    var languages: [String] = []
    /// Gets the whole file. A ``Kernel/Failure`` that is permanent gives the picture up.
    let read: @Sendable ([UInt8]) async throws -> Recognition

    /// Reads with Tesseract.
    ///
    /// - Parameters:
    ///   - languages: Tesseract's names; empty for all that are installed.
    ///   - width: Pictures read at once.
    ///   - limits: What a picture may be.
    /// - Returns: `nil` when no language is installed.
    /// - Throws: ``OCR/OCRError/languageMissing(_:)`` for a language that is not installed.
    package static func tesseract(
        languages: [String],
        width: Int,
        limits: OCREngine.Limits = OCREngine.Limits(),
    ) throws -> PictureReader? {
        let languages = languages.isEmpty ? Self.standardLanguages : languages
        guard !languages.isEmpty else { return nil }
        let engine = try OCREngine(languages: languages, width: width, waiting: 10_000, limits: limits)
        let version = "tesseract-union-1 \(languages.joined(separator: "+"))"
        return PictureReader(version: version, languages: languages) { picture in
            try await engine.recognize(picture, mode: .recall)
        }
    }

    /// All that are installed, English first; each costs time. `osd` and `equ` are no languages.
    private static var standardLanguages: [String] {
        let installed = OCREngine.installedLanguages().filter { $0 != "osd" && $0 != "equ" }
        return installed.filter { $0 == "eng" } + installed.filter { $0 != "eng" }
    }
}

/// A picture as it is shown to a vision model.
package struct DescribablePicture: Sendable {
    /// A file of at most about 1 MiB.
    package let bytes: [UInt8]
    package let mimeType: String
    package let width: Int
    package let height: Int
    /// Where the model may fetch it; `nil` where the server has no address of its own.
    package let address: String?
}

/// What says what a picture is about.
package struct PictureDescriber: Sendable {
    /// Names the model and the prompt.
    let version: String
    /// Gives texts of the provenance `vlm`.
    let describe: @Sendable (DescribablePicture) async throws -> [MemeText]

    /// Describes by a function.
    package init(version: String, describe: @escaping @Sendable (DescribablePicture) async throws -> [MemeText]) {
        self.version = version
        self.describe = describe
    }
}
