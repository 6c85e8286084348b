/// What is known of a picture once its variants are made.
package struct PictureFacts: Sendable {
    /// As a person sees it, turned upright, before any reduction.
    package let size: PixelSize
    package let header: ImageHeader
    /// The mean of all pixels.
    package let averageColour: Colour
    /// The colour that most pixels have, in steps of 16.
    package let dominantColour: Colour
    /// One to five colours, the most frequent first.
    package let palette: [Colour]
    /// 28 characters; see github.com/woltapp/blurhash.
    package let blurHash: String
    /// About 25 bytes; see github.com/evanw/thumbhash.
    package let thumbHash: [UInt8]
    /// Pictures whose hashes differ in at most 6 bits look the same; different ones differ in about 32.
    package let perceptualHash: UInt64
    /// As ``perceptualHash``, by another method.
    package let differenceHash: UInt64
    /// A WebP of at most 16 x 16 pixels, small enough to stand in a page as a `data:` address.
    package let placeholder: [UInt8]

    init(size: PixelSize, header: ImageHeader, sample: Sample) throws(ImagingError) {
        self.size = size
        self.header = header
        averageColour = sample.averageColour
        dominantColour = sample.dominantColour
        palette = sample.palette()
        blurHash = sample.blurHash
        thumbHash = sample.thumbHash
        perceptualHash = sample.perceptualHash
        differenceHash = sample.differenceHash
        placeholder = try sample.placeholder()
    }
}
