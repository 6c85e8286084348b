/// What is known of a picture once its variants are made.
package struct PictureFacts: Sendable {
    /// As a person sees it, turned upright, before any reduction.
    package let size: PixelSize
    package let header: ImageHeader

    init(size: PixelSize, header: ImageHeader, sample: Sample) {
        self.size = size
        self.header = header
        _ = sample
    }
}
