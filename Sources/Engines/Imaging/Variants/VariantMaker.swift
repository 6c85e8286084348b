internal import CVips

/// Makes all sizes of a picture from one decode.
///
/// Each size is made from the next larger one, and encoded only after all smaller ones, so that the thumbnail can be
/// shown while the large ones are still being encoded. The largest raster is turned while it goes into the encoder's
/// planes and is gone before the encoder starts: one copy of the pixels, whatever the orientation.
package struct VariantMaker: Sendable {
    /// At least one, in any order.
    package var sizes: [VariantSize]
    package var webP: WebPSettings
    package var limits: ImageLimits
    /// For the whole of ``make(from:deliver:)``; the clock is looked at between strips of pixels and inside the encoder.
    package var timeLimit: Duration
    /// Whether a picture whose end is missing is made of what can be decoded. What is missing comes out
    /// grey or black, or transparent in GIF and in WebP with alpha.
    package var isLenient: Bool

    package init(
        sizes: [VariantSize] = VariantSize.standard,
        webP: WebPSettings = WebPSettings(),
        limits: ImageLimits = ImageLimits(),
        timeLimit: Duration = .seconds(60),
        isLenient: Bool = false,
    ) {
        precondition(!sizes.isEmpty)
        self.sizes = sizes
        self.webP = webP
        self.limits = limits
        self.timeLimit = timeLimit
        self.isLenient = isLenient
    }

    /// Makes every size of a picture.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - deliver: Gets the variants, smallest first, each as soon as it is encoded. What it throws ends the work.
    /// - Returns: What is known of the picture.
    /// - Throws: ``ImagingError``, or what `deliver` threw.
    package func make(from bytes: [UInt8], deliver: (Variant) throws -> Void) throws -> PictureFacts {
        try Imaging.start()
        defer { cvips_job_end() }
        let header = try limits.inspect(bytes, isLenient: isLenient)
        let deadline = Deadline(after: timeLimit)
        return try withoutActuallyEscaping(deliver) {
            try VariantWork(maker: self, header: header, deadline: deadline, deliver: $0).run(bytes)
        }
    }
}
