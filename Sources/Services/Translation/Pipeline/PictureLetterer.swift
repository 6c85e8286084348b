import Imaging
import Kernel
import Lettering

/// What finds words on pictures and draws others in their place.
package struct PictureLetterer: Sendable {
    /// What stands on a picture.
    package struct Page: Sendable {
        package let blocks: [TranslatedBlock]

        package init(blocks: [TranslatedBlock]) { self.blocks = blocks }
    }

    /// What shall be drawn.
    package struct Order: Sendable {
        /// The whole file.
        package let picture: [UInt8]
        /// ``TranslatedBlock/shown`` is drawn of each block that changes.
        package let blocks: [TranslatedBlock]
        /// Of the translation, BCP 47.
        package let language: String
        /// The picture as a model drew it, of the same size: blocks whose words nobody edited are taken from it where
        /// they can be read. `nil` draws all here.
        package let drawing: [UInt8]?
        /// Whether the drawing is read again, where ``TranslatedBlock/check`` is missing.
        package let isChecked: Bool

        package init(
            picture: [UInt8],
            blocks: [TranslatedBlock],
            language: String,
            drawing: [UInt8]? = nil,
            isChecked: Bool,
        ) {
            self.picture = picture
            self.blocks = blocks
            self.language = language
            self.drawing = drawing
            self.isChecked = isChecked
        }
    }

    /// How a picture goes to models, and how what they draw comes back.
    package struct Exchange: Sendable {
        /// Gets the whole file and gives what is sent to one that draws.
        package let question: @Sendable (_ picture: [UInt8]) async throws -> Lettering.Question
        /// The places of blocks as pictures of their own.
        package let crops: @Sendable (_ picture: [UInt8], _ blocks: [TranslatedBlock]) async throws -> [Lettering.Crop]
        /// Gives the drawing as large as the picture and in its place. A ``Kernel/Failure`` that is permanent says that it
        /// cannot be used.
        package let fitted:
            @Sendable (_ drawing: [UInt8], _ picture: [UInt8], _ blocks: [TranslatedBlock]) async throws -> [UInt8]

        package init(
            question: @escaping @Sendable ([UInt8]) async throws -> Lettering.Question,
            crops: @escaping @Sendable ([UInt8], [TranslatedBlock]) async throws -> [Lettering.Crop],
            fitted: @escaping @Sendable ([UInt8], [UInt8], [TranslatedBlock]) async throws -> [UInt8],
        ) {
            self.question = question
            self.crops = crops
            self.fitted = fitted
        }
    }

    /// A picture whose words were replaced.
    package struct Drawing: Sendable {
        /// Upright, however the file was stored.
        package let size: PixelSize
        /// PNG; outside the words' boxes no pixel differs from the picture.
        package let picture: [UInt8]
        /// PNG, without the words.
        package let clean: [UInt8]
        /// PNG, white where something was changed.
        package let mask: [UInt8]
        /// With the flags that drawing and checking gave them, such as `overflow`.
        package let blocks: [TranslatedBlock]

        package init(
            size: PixelSize,
            picture: [UInt8],
            clean: [UInt8],
            mask: [UInt8],
            blocks: [TranslatedBlock],
        ) {
            self.size = size
            self.picture = picture
            self.clean = clean
            self.mask = mask
            self.blocks = blocks
        }
    }

    /// The flag of a picture whose file has more of them, such as an animation: the first one is read and drawn.
    static let firstOnly = "first_only"

    /// Names the engine, its languages and rules; pictures read by another version are read again.
    let version: String
    /// What is read, as Tesseract calls it; `nil` for any language.
    let languages: [String]?
    /// Gets the whole file and finds its words. A ``Kernel/Failure`` that is permanent gives the picture up.
    let read: @Sendable ([UInt8]) async throws -> Page
    /// Draws the words of each block that changes.
    let draw: @Sendable (Order) async throws -> Drawing
    /// `nil` where no model sees pictures.
    let exchange: Exchange?

    /// Reads and draws by functions.
    package init(
        version: String,
        languages: [String]? = nil,
        exchange: Exchange? = nil,
        read: @escaping @Sendable ([UInt8]) async throws -> Page,
        draw: @escaping @Sendable (Order) async throws -> Drawing,
    ) {
        self.version = version
        self.languages = languages
        self.exchange = exchange
        self.read = read
        self.draw = draw
    }

    /// - Throws: ``TranslationError/unreadableLanguage(_:package:)`` for a language whose letters are not read.
    func requireReading(of language: Language?) throws(TranslationError) {
        guard let language, let languages,
            let package = ReadingData.missingPackage(for: language, among: languages)
        else { return }
        throw .unreadableLanguage(language.name, package: package)
    }
}
