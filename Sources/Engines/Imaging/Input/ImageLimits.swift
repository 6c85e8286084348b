/// How large a picture may be. Checked on the header, before anything is decoded.
package struct ImageLimits: Sendable, Equatable {
    /// Length of the file.
    package var bytes = 10 << 20
    /// Width times height.
    package var pixels = 50_000_000
    /// Width or height.
    package var side = 16_384
    /// Colour channels with alpha.
    package var bands = 5
    /// Frames of an animation, though only the first is shown: reading the others' headers costs time too.
    package var frames = 1_000
    /// Memory that decoding needs: pixels, and for a progressive JPEG its coefficients.
    package var decodedBytes = 256 << 20
    /// Scans of a progressive JPEG; cameras and converters write about ten.
    package var scans = 100

    package init() {}

    /// Reads the header of a whole file and checks it, in far less than 10 ms of CPU whatever the file claims.
    /// To a lenient reader a file that was cut off will do, as long as its size is known and its first pixels are there.
    ///
    /// - Throws: ``ImagingError`` with status 413 (a limit), 415 (not a picture we decode) or 422 (damaged or cut off).
    package func inspect(_ bytes: [UInt8], isLenient: Bool = false) throws(ImagingError) -> ImageHeader {
        guard bytes.count <= self.bytes else { throw .tooManyBytes(bytes.count, limit: self.bytes) }
        let header = try ImageHeader.read(bytes, isLenient: isLenient)
        try check(header)
        return header
    }

    /// - Throws: ``ImagingError`` with status 413 that names the first limit the picture exceeds.
    package func check(_ header: ImageHeader) throws(ImagingError) {
        let size = header.size
        let (count, isHuge) = size.width.multipliedReportingOverflow(by: size.height)
        guard !isHuge, count <= pixels else {
            throw .tooManyPixels(width: size.width, height: size.height, limit: pixels)
        }
        guard size.longestSide <= side else { throw .tooLongSide(size.longestSide, limit: side) }
        guard header.bands <= bands else { throw .tooManyBands(header.bands, limit: bands) }
        guard header.frames <= frames else { throw .tooManyFrames(header.frames, limit: frames) }
        guard header.scans <= scans else { throw .tooManyScans(header.scans, limit: scans) }
        guard header.decodedBytes <= decodedBytes else {
            throw .tooManyDecodedBytes(header.decodedBytes, limit: decodedBytes)
        }
    }
}
