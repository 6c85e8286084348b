import Kernel
import OCR

/// What reads words on pictures.
package struct PictureReader: Sendable {
    /// Names the engine, its languages and passes; pictures read by another version are read again.
    let version: String
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
        return PictureReader(version: "tesseract-union-1 \(languages.joined(separator: "+"))") { picture in
            try await engine.recognize(picture, mode: .recall)
        }
    }

    /// All that are installed, English first; each costs time. `osd` and `equ` are no languages.
    private static var standardLanguages: [String] {
        let installed = OCREngine.installedLanguages().filter { $0 != "osd" && $0 != "equ" }
        return installed.filter { $0 == "eng" } + installed.filter { $0 != "eng" }
    }
}

/// What says what a picture is about.
package struct PictureDescriber: Sendable {
    /// Names the model and the prompt.
    let version: String
    /// Gets the whole file and its MIME type; gives texts of the provenance `vlm`.
    let describe: @Sendable ([UInt8], _ mimeType: String) async throws -> [MemeText]

    /// Describes by a function.
    package init(
        version: String,
        describe: @escaping @Sendable ([UInt8], _ mimeType: String) async throws -> [MemeText],
    ) {
        self.version = version
        self.describe = describe
    }
}
