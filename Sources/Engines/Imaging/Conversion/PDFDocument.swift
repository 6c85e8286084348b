import Kernel

/// A PDF whose pages become pictures.
package struct PDFDocument: Sendable {
    /// Pixels of an inch of paper: small print has letters high enough to be read.
    static let density = 200.0
    /// A page of paper has less than half of it at that density; posters are drawn smaller.
    static let mostPixels = 8_000_000

    private let read: @Sendable () throws -> [UInt8]
    private let decoder: OutsideDecoder
    private let limits: ImageLimits
    private let timeLimit: Duration

    /// Reads nothing yet. `limits` and `timeLimit` are for each page. `read` gives the whole file, again for each of them:
    /// nothing is held in memory between them.
    package init(
        limits: ImageLimits,
        timeLimit: Duration = .seconds(30),
        read: @escaping @Sendable () throws -> [UInt8],
    ) {
        decoder = OutsideDecoder(limits: limits, timeLimit: timeLimit)
        (self.read, self.limits, self.timeLimit) = (read, limits, timeLimit)
    }

    /// How many pages the document says that it has, at least 1; none of them is drawn.
    ///
    /// - Throws: ``ImagingError``: 415 for what is no PDF, 422 for one that is damaged or needs a password.
    package func countPages() throws(ImagingError) -> Int {
        let count = try decoder.facts(try document(), ["--field", "n-pages", "/dev/stdin"])
        guard let pages = Int(count.prefix { $0 != "\n" }), pages > 0 else { throw .corrupt }
        return pages
    }

    /// Draws a page (from 0) as PNG.
    ///
    /// - Throws: ``ImagingError``.
    package func png(ofPage page: Int) throws(ImagingError) -> [UInt8] {
        let bytes = try document()
        let options = ["--page", "\(page)", "--dpi", "\(try density(ofPage: page, bytes))"]
        let drawn = try decoder.png(bytes, by: "pdfload", options)
        return try PictureConversion.plain(drawn, limits, before: Deadline(after: timeLimit))
    }

    private func document() throws(ImagingError) -> [UInt8] {
        let bytes: [UInt8]
        do { bytes = try read() } catch { throw .failed("the document is not to be read: \(error)") }
        guard ImageFormat(firstBytes: bytes) == .pdf else {
            throw .unsupported(what: ImageFormat.mimeType(of: bytes))
        }
        return bytes
    }

    private func density(ofPage page: Int, _ bytes: [UInt8]) throws(ImagingError) -> Double {
        // "/dev/stdin: 595x842 uchar, 4 bands, srgb, pdfload", in points of 1/72 inch
        let facts = try decoder.facts(bytes, ["/dev/stdin[page=\(page),dpi=72]"])
        let sides = facts.split(separator: " ").dropFirst().first?.split(separator: "x").compactMap { Double($0) } ?? []
        guard sides.count == 2, let longest = sides.max(), sides.allSatisfy({ $0 > 0 }) else { throw .corrupt }
        let pixels = Double(min(limits.pixels, Self.mostPixels))
        let fitting = (pixels / (sides[0] * sides[1])).squareRoot() * 72
        return min(Self.density, fitting, Double(limits.side) / longest * 72).rounded(.down)
    }
}
