import Imaging
import Kernel

/// What finds words on pictures and draws others in their place.
package struct PictureLetterer: Sendable {
    /// What stands on a picture.
    package struct Page: Sendable {
        package let blocks: [TranslatedBlock]

        package init(blocks: [TranslatedBlock]) { self.blocks = blocks }
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
        /// With the flags that drawing gave them, such as `overflow`.
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
    /// Gets the whole file and finds its words. A ``Kernel/Failure`` that is permanent gives the picture up.
    let read: @Sendable ([UInt8]) async throws -> Page
    /// Gets the whole file, its blocks and the language of the translation (BCP 47), and draws ``TranslatedBlock/shown``
    /// of each block that changes.
    let draw: @Sendable ([UInt8], [TranslatedBlock], String) async throws -> Drawing

    /// Reads and draws by functions.
    package init(
        version: String,
        read: @escaping @Sendable ([UInt8]) async throws -> Page,
        draw: @escaping @Sendable ([UInt8], [TranslatedBlock], String) async throws -> Drawing,
    ) {
        self.version = version
        self.read = read
        self.draw = draw
    }
}
