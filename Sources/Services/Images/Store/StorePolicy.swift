import Imaging
import Kernel

/// What becomes of a picture that another service stores; see ``ImagesModule/store(_:as:_:also:)``.
package struct StorePolicy: Sendable {
    /// Which sizes are made, and when.
    package enum Sizes: Sendable {
        /// None, and nothing is found out about the picture.
        case none
        /// The smallest at once, each other one when somebody asks for it first. The original must be kept.
        case lazy
        /// All, by a job.
        case all
    }

    /// Where the pictures belong, in the grammar of ``Bucket``.
    package var bucket: String
    /// Whose they are; the name of the service where they are nobody's.
    package var owner: String
    package var sizes: Sizes
    /// Whether the file as sent stays.
    package var keepsOriginal: Bool
    /// MIME types that are accepted, by content. BMP and TIFF, where they are named, are kept as PNG.
    package var types: [String]
    package var limits: ImageLimits

    /// `types` are by default all that can be decoded.
    package init(
        bucket: String,
        owner: String,
        sizes: Sizes,
        keepsOriginal: Bool,
        types: [String] = ImageFormat.accepted.map(\.mimeType),
        limits: ImageLimits = ImageLimits(),
    ) {
        self.bucket = bucket
        self.owner = owner
        self.sizes = sizes
        self.keepsOriginal = keepsOriginal
        self.types = types
        self.limits = limits
    }
}

/// A picture as the service knows it that had it stored.
package struct StoredPicture: Sendable {
    package let id: ID<StoredPicture>
    /// SHA-256 of the file, hexadecimal.
    package let contentHash: String
    package let mimeType: String
    package let sizeBytes: Int
    package let header: ImageHeader
    /// `nil` where nothing was found out yet.
    package let facts: PictureFacts?
}
