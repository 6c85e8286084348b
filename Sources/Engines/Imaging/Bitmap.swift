internal import CVips

/// Pixels in memory that Swift may change: upright, sRGB, row after row without gaps.
package struct Bitmap: Sendable, Equatable {
    package let size: PixelSize
    /// 1 (brightness), 3 (RGB) or 4 (RGBA, not premultiplied); one byte each.
    package let bands: Int
    package var pixels: [UInt8]

    /// `pixels`: width x height x bands bytes.
    package init(size: PixelSize, bands: Int, pixels: [UInt8]) {
        precondition(pixels.count == size.pixels * bands)
        self.size = size
        self.bands = bands
        self.pixels = pixels
    }

    /// Decodes the first frame of a picture and turns it upright (EXIF). Alpha stays when a pixel needs it.
    ///
    /// - Parameters:
    ///   - bytes: The whole file, of a format that ``ImageFormat/accepted`` names.
    ///   - limits: Checked on the header, before anything is decoded.
    ///   - deadline: Looked at between strips of pixels.
    /// - Returns: Three bands, or four.
    /// - Throws: ``ImagingError``.
    package static func decode(
        _ bytes: [UInt8],
        limits: ImageLimits = ImageLimits(),
        before deadline: Deadline,
    ) throws(ImagingError) -> Bitmap {
        try Imaging.start()
        defer { cvips_job_end() }
        let header = try limits.inspect(bytes)
        return try bytes.span.bytes.withUnsafeBytes { file throws(ImagingError) in
            try Bitmap(file, header, before: deadline)
        }
    }

    /// Decodes a file whose header was checked; it must live until this returns.
    init(
        _ file: UnsafeRawBufferPointer,
        _ header: ImageHeader,
        before deadline: Deadline,
    ) throws(ImagingError) {
        let source = try Raster.open(file, format: header.format)
        guard source.width <= header.size.width, source.height <= header.size.height else { throw .corrupt }
        let orientation = source.orientation
        let stored = try source.inSRGB().rendered(before: deadline, or: .corrupt)
        let opaque = stored.bands == 4 && stored.isOpaque() ? try stored.withoutAlpha() : stored
        let upright = try opaque.oriented(orientation).rendered(before: deadline, or: .failed("turn"))
        self.init(
            size: PixelSize(width: upright.width, height: upright.height),
            bands: upright.bands,
            pixels: upright.pixels(),
        )
    }

    /// The picture in another size (Lanczos); proportions may change.
    ///
    /// - Parameters:
    ///   - size: At least one pixel each way.
    ///   - deadline: Looked at between strips of pixels.
    /// - Returns: As many bands.
    /// - Throws: ``ImagingError``.
    package func resized(to size: PixelSize, before deadline: Deadline) throws(ImagingError) -> Bitmap {
        try Imaging.start()
        defer { cvips_job_end() }
        let raster = try Raster(pixels: pixels, width: self.size.width, height: self.size.height, bands: bands)
        let result = try raster.resized(to: size).rendered(before: deadline, or: .failed("resize"))
        return Bitmap(
            size: PixelSize(width: result.width, height: result.height),
            bands: result.bands,
            pixels: result.pixels(),
        )
    }

    /// The pixels as a PNG without metadata, which decodes to exactly them. Compresses little, as 800 x 600 pixels of
    /// photo need 30 ms so.
    package func png() throws(ImagingError) -> [UInt8] {
        try Imaging.start()
        defer { cvips_job_end() }
        let raster = try Raster(pixels: pixels, width: size.width, height: size.height, bands: bands)
        return try raster.withImage { image throws(ImagingError) in
            var start: UnsafeMutablePointer<UInt8>?
            var count = 0
            guard cvips_png_encode(image, 3, &start, &count) == cvips_ok, let start else {
                throw .failed("the PNG encoder failed")
            }
            defer { cvips_png_free(start) }
            return Array(UnsafeBufferPointer(start: start, count: count))
        }
    }
}
