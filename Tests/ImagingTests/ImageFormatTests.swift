import Testing

@testable import Imaging

/// The type of a file is what its first bytes say, whatever its name or its sender says.
@Suite struct ImageFormatTests {
    /// What it is, its bytes, the type we say it has.
    private static let files: [(String, [UInt8], String)] = [
        ("JPEG with JFIF", [0xFF, 0xD8, 0xFF, 0xE0, 0, 16] + text("JFIF\0"), "image/jpeg"),
        ("JPEG with EXIF", [0xFF, 0xD8, 0xFF, 0xE1, 0, 16] + text("Exif\0\0"), "image/jpeg"),
        ("JPEG without either", [0xFF, 0xD8, 0xFF, 0xDB], "image/jpeg"),
        ("PNG", [0x89] + text("PNG\r\n") + [0x1A, 0x0A], "image/png"),
        ("PNG after a text-mode transfer", [0x89] + text("PNG\n") + [0x1A, 0x0A], "application/octet-stream"),
        ("WebP", text("RIFF") + [1, 2, 3, 4] + text("WEBPVP8 "), "image/webp"),
        ("GIF 87a", text("GIF87a"), "image/gif"),
        ("GIF 89a", text("GIF89a"), "image/gif"),
        ("GIF of no version", text("GIF88a") + [0], "application/octet-stream"),
        ("WAV, a RIFF too", text("RIFF") + [1, 2, 3, 4] + text("WAVEfmt "), "audio/wav"),
        ("AVI, a RIFF too", text("RIFF") + [1, 2, 3, 4] + text("AVI LIST"), "video/x-msvideo"),
        ("AVIF", box("avif", "mif1"), "image/avif"),
        ("AVIF whose main brand is neutral", box("mif1", "miaf", "avif"), "image/avif"),
        ("HEIC", box("heic", "mif1"), "image/heic"),
        ("MP4", box("isom", "mp42"), "video/mp4"),
        ("QuickTime", box("qt  "), "video/quicktime"),
        ("TIFF, little-endian", text("II") + [0x2A, 0, 8, 0, 0, 0], "image/tiff"),
        ("TIFF, big-endian", text("MM") + [0, 0x2A, 0, 0, 0, 8], "image/tiff"),
        ("BigTIFF", text("II") + [0x2B, 0, 8, 0], "image/tiff"),
        ("BMP", text("BM") + [70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0], "image/bmp"),
        ("a sentence that begins with BM", text("BMW makes cars and motorcycles."), "text/plain"),
        ("icon", [0, 0, 1, 0, 1, 0], "image/x-icon"),
        ("JPEG XL, bare", [0xFF, 0x0A, 0x10], "image/jxl"),
        ("JPEG XL, boxed", [0, 0, 0, 12] + text("JXL \r\n") + [0x87, 0x0A], "image/jxl"),
        ("JPEG 2000", [0, 0, 0, 12] + text("jP  \r\n") + [0x87, 0x0A], "image/jp2"),
        ("Photoshop", text("8BPS") + [0, 1], "image/vnd.adobe.photoshop"),
        ("OpenEXR", [0x76, 0x2F, 0x31, 0x01], "image/x-exr"),
        ("PDF", text("%PDF-1.7"), "application/pdf"),
        ("SVG", text("<svg xmlns='http://www.w3.org/2000/svg'/>"), "image/svg+xml"),
        (
            "SVG behind a declaration and a comment", text("\u{FEFF}<?xml version='1.0'?><!-- x --> <svg/>"),
            "image/svg+xml",
        ),
        ("XML", text("<?xml version='1.0'?><a/>"), "text/xml"),
        ("HTML", text("  <!DOCTYPE HTML><title>x</title>"), "text/html"),
        ("ZIP", text("PK") + [3, 4, 20, 0], "application/zip"),
        ("gzip", [0x1F, 0x8B, 8, 0], "application/gzip"),
        ("Matroska", [0x1A, 0x45, 0xDF, 0xA3], "video/x-matroska"),
        ("text", text("hello world\n"), "text/plain"),
        ("nothing", [], "application/octet-stream"),
        ("one byte", [0x1B], "application/octet-stream"),
        ("zeros", [0, 0, 0, 0, 0, 0, 0, 0], "application/octet-stream"),
    ]

    @Test("first bytes name the type", arguments: files)
    func sniffing(what: String, bytes: [UInt8], mimeType: String) {
        #expect(ImageFormat.mimeType(of: bytes) == mimeType, "\(what)")
        #expect(ImageFormat(firstBytes: bytes)?.mimeType == (isUnknown(mimeType) ? nil : mimeType), "\(what)")
    }

    @Test("what is not accepted is refused by name, with 415", arguments: files)
    func refusal(what: String, bytes: [UInt8], mimeType: String) {
        let error = #expect(throws: ImagingError.self, "\(what)") { try ImageLimits().inspect(bytes) }
        if ImageFormat.accepted.map(\.mimeType).contains(mimeType) {
            #expect(error?.status == 422, "\(what) has no more than a beginning")
        } else {
            #expect(error == .unsupported(what: mimeType), "\(what)")
            #expect(error?.message.contains("image/jpeg, image/png, image/webp") == true)
        }
    }

    @Test("a file that is two things counts as what it begins with", arguments: polyglots)
    func polyglot(what: String, bytes: [UInt8], mimeType: String) {
        #expect(ImageFormat.mimeType(of: bytes) == mimeType, "\(what)")
    }

    private static let polyglots: [(String, [UInt8], String)] = [
        ("a page behind a GIF's signature", text("GIF89a=1;/*<html><script>alert(1)</script>*/"), "image/gif"),
        ("a PDF with a JPEG inside", text("%PDF-1.4 ") + [0xFF, 0xD8, 0xFF], "application/pdf"),
        ("an archive behind a JPEG's start", [0xFF, 0xD8, 0xFF, 0xE0] + text("PK\u{3}\u{4}"), "image/jpeg"),
        ("a page with a PNG inside", text("<html>") + [0x89] + text("PNG\r\n") + [0x1A, 0x0A], "text/html"),
        ("a picture behind a blank", text(" ") + [0xFF, 0xD8, 0xFF, 0xE0, 0, 16], "application/octet-stream"),
    ]

    @Test("a signature alone gets no further than the header", arguments: polyglots)
    func polyglotsAreNotDecoded(what: String, bytes: [UInt8], mimeType: String) {
        #expect(throws: ImagingError.self, "\(what)") { try Made(bytes) }
    }

    private func isUnknown(_ mimeType: String) -> Bool {
        ["text/plain", "application/octet-stream"].contains(mimeType)
    }

    private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// An `ftyp` box: the main brand, a version, other brands.
    private static func box(_ brand: String, _ others: String...) -> [UInt8] {
        let length = UInt8(16 + 4 * others.count)
        return [0, 0, 0, length] + text("ftyp" + brand) + [0, 0, 0, 0] + others.flatMap { text($0) } + [0, 0, 0, 8]
    }
}
