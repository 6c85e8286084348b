internal import CVips
import Kernel

/// Formats that are taken only where a service asks for it, and become PNG on their way in: whatever comes later sees
/// one of ``ImageFormat/accepted``.
package enum PictureConversion {
    /// Makes a PNG of the first page of a picture, upright, in sRGB, with the same pixels.
    ///
    /// - Parameters:
    ///   - bytes: The whole file, of a format that ``ImageFormat/convertible`` names.
    ///   - limits: Checked on the header, before anything is decoded.
    ///   - timeLimit: For decoding; the clock is looked at between strips of pixels.
    /// - Returns: The PNG, which may be longer than `bytes`, and longer than `limits` allow a file.
    /// - Throws: ``ImagingError`` with status 413 (a limit), 415 (not such a format), 422 (damaged or cut off) or 503.
    package static func png(
        from bytes: [UInt8],
        limits: ImageLimits,
        timeLimit: Duration = .seconds(60),
    ) throws(ImagingError) -> [UInt8] {
        let header = try header(of: bytes, limits: limits)
        try Imaging.start()
        defer { cvips_job_end() }
        let deadline = Deadline(after: timeLimit)
        switch header.format {
        case .bmp: return try BMPPixels(bytes).bitmap(before: deadline).png()
        case .avif, .heic:
            let decoder = OutsideDecoder(limits: limits, timeLimit: timeLimit)
            return try plain(try decoder.png(bytes, by: "heifload"), limits, before: deadline)
        default:
            return try bytes.span.bytes.withUnsafeBytes { file throws(ImagingError) in
                try Bitmap(file, header, before: deadline)
            }.png()
        }
    }

    /// What can be said of a file without decoding it: that it is within the limits, and that there is a decoder.
    ///
    /// - Throws: As ``header(of:limits:)``; 415 also where the decoder is not installed.
    package static func inspect(_ bytes: [UInt8], limits: ImageLimits) throws(ImagingError) -> ImageHeader {
        let header = try header(of: bytes, limits: limits)
        if pool(for: bytes) != nil { try OutsideDecoder.requirePrograms(for: header.format.mimeType) }
        return header
    }

    /// Where ``png(from:limits:timeLimit:)`` belongs for a file that another process decodes; `nil` for all others.
    package static func pool(for bytes: [UInt8]) -> WorkPool? {
        switch ImageFormat(firstBytes: bytes) {
        case .avif, .heic: outsidePool
        default: nil
        }
    }

    /// Threads that wait for decoders of their own process, which may take their whole time: what everything else needs
    /// is not kept waiting by them, and no more of them run at once.
    package static let outsidePool = WorkPool(name: "decoders", width: 2, limit: 1000)

    /// What to install before HEIC, AVIF and PDF are decoded, as a sentence; `nil` when nothing is missing.
    package static var missingDecoders: String? {
        let missing = OutsideDecoder.missingPrograms()
        guard !missing.isEmpty else { return nil }
        return "\(missing.joined(separator: " and ")) missing, so HEIC, AVIF and PDF are refused. Install the package: "
            + "apt install \(OutsideDecoder.debianPackage)"
    }

    /// What the file says of itself, within the limits; `frames` counts the pages too.
    ///
    /// - Throws: ``ImagingError`` with status 413 (a limit), 415 (not such a format) or 422 (damaged or cut off).
    package static func header(of bytes: [UInt8], limits: ImageLimits) throws(ImagingError) -> ImageHeader {
        guard bytes.count <= limits.bytes else { throw .tooManyBytes(bytes.count, limit: limits.bytes) }
        let header = try ImageHeader.readConvertible(bytes)
        try limits.check(header)
        return header
    }

    /// A PNG of any kind as one of eight bits in sRGB, without metadata, and without alpha where nothing shows through.
    static func plain(
        _ png: [UInt8],
        _ limits: ImageLimits,
        before deadline: Deadline,
    ) throws(ImagingError) -> [UInt8] {
        var limits = limits
        limits.bytes = .max
        return try Bitmap.decode(png, limits: limits, before: deadline).png()
    }
}
