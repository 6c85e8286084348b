/// What a file is, by its first bytes alone; names and headers lie.
///
/// The accepted formats are decoded, the convertible ones only on their way in; the others are known so that a refusal
/// can say what was sent.
package enum ImageFormat: String, Sendable, CaseIterable {
    case avi, avif, bmp, exr, gif, gzip, heic, html, ico, jp2, jpeg, jxl, matroska, mp4, pdf, png, psd, quicktime, svg
    case tiff, wav, webp, xml, zip

    /// The formats that are decoded.
    package static let accepted: [ImageFormat] = [.jpeg, .png, .webp, .gif]

    /// The formats that become PNG where a service takes them; see ``PictureConversion``.
    package static let convertible: [ImageFormat] = [.bmp, .tiff, .heic, .avif]

    /// The format that the beginning of a file shows, 512 bytes are enough for every one; `nil` when no signature fits.
    package init?(firstBytes bytes: [UInt8]) {
        let start = bytes.prefix(Self.longestSignature)
        if let format = Self.signatures.first(where: { $0.matches(start) })?.format {
            self = format
        } else if let format = Self.brandFormat(start) ?? Self.markupFormat(start) {
            self = format
        } else {
            return nil
        }
    }

    /// Whether it is decoded.
    package var isAccepted: Bool { Self.accepted.contains(self) }

    /// The MIME type of any file: of its format, else `text/plain` when there is no control byte among the first 512,
    /// else `application/octet-stream`.
    package static func mimeType(of bytes: [UInt8]) -> String {
        if let format = ImageFormat(firstBytes: bytes) { return format.mimeType }
        let start = bytes.prefix(longestSignature)
        let isText = !start.isEmpty && start.allSatisfy { $0 >= 0x20 || (0x09...0x0D).contains($0) }
        return isText ? "text/plain" : "application/octet-stream"
    }

    package var mimeType: String {
        switch self {
        case .avi: "video/x-msvideo"
        case .avif: "image/avif"
        case .bmp: "image/bmp"
        case .exr: "image/x-exr"
        case .gif: "image/gif"
        case .gzip: "application/gzip"
        case .heic: "image/heic"
        case .html: "text/html"
        case .ico: "image/x-icon"
        case .jp2: "image/jp2"
        case .jpeg: "image/jpeg"
        case .jxl: "image/jxl"
        case .matroska: "video/x-matroska"
        case .mp4: "video/mp4"
        case .pdf: "application/pdf"
        case .png: "image/png"
        case .psd: "image/vnd.adobe.photoshop"
        case .quicktime: "video/quicktime"
        case .svg: "image/svg+xml"
        case .tiff: "image/tiff"
        case .wav: "audio/wav"
        case .webp: "image/webp"
        case .xml: "text/xml"
        case .zip: "application/zip"
        }
    }
}

extension ImageFormat {
    /// What names of such files end with, without the dot; the first one is the usual one.
    package var endings: [String] {
        switch self {
        case .heic: ["heic", "heif"]
        case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
        case .matroska: ["mkv", "webm"]
        case .png: ["png", "apng"]
        case .quicktime: ["mov"]
        case .gzip: ["gz"]
        case .tiff: ["tif", "tiff"]
        case .zip: ["zip", "cbz"]
        default: [rawValue]
        }
    }

    /// The name of a file that became one of this format: another format's ending goes, its own one stays as it is.
    package func fileName(_ name: String) -> String {
        let dot = name.lastIndex(of: ".") ?? name.endIndex
        let ending = name[dot...].dropFirst().lowercased()
        if endings.contains(ending) { return name }
        let isForeign = Self.allCases.contains { $0.endings.contains(ending) }
        return "\(isForeign ? String(name[..<dot]) : name).\(endings[0])"
    }
}

extension ImageFormat {
    /// Bytes at the beginning, `nil` where any byte fits.
    private struct Signature {
        let format: ImageFormat
        let pattern: [UInt8?]

        func matches(_ bytes: ArraySlice<UInt8>) -> Bool {
            bytes.starts(with: pattern) { $1 == nil || $0 == $1 }
        }
    }

    private static let longestSignature = 512

    private static let signatures: [Signature] = [
        Signature(format: .jpeg, pattern: [0xFF, 0xD8, 0xFF]),
        Signature(format: .png, pattern: [0x89] + text("PNG\r\n") + [0x1A, 0x0A]),
        Signature(format: .webp, pattern: riff("WEBP")),
        Signature(format: .gif, pattern: text("GIF87a")),
        Signature(format: .gif, pattern: text("GIF89a")),
        Signature(format: .avi, pattern: riff("AVI ")),
        Signature(format: .bmp, pattern: text("BM") + any(4) + [0, 0, 0, 0] + any(1) + any(1) + [0, 0]),
        Signature(format: .exr, pattern: [0x76, 0x2F, 0x31, 0x01]),
        Signature(format: .gzip, pattern: [0x1F, 0x8B, 0x08]),
        Signature(format: .ico, pattern: [0, 0, 1, 0]),
        Signature(format: .jp2, pattern: [0, 0, 0, 0x0C] + text("jP  \r\n") + [0x87, 0x0A]),
        Signature(format: .jp2, pattern: [0xFF, 0x4F, 0xFF, 0x51]),
        Signature(format: .jxl, pattern: [0, 0, 0, 0x0C] + text("JXL \r\n") + [0x87, 0x0A]),
        Signature(format: .jxl, pattern: [0xFF, 0x0A]),
        Signature(format: .matroska, pattern: [0x1A, 0x45, 0xDF, 0xA3]),
        Signature(format: .pdf, pattern: text("%PDF-")),
        Signature(format: .psd, pattern: text("8BPS")),
        Signature(format: .tiff, pattern: text("II") + [0x2A, 0]),
        Signature(format: .tiff, pattern: text("MM") + [0, 0x2A]),
        Signature(format: .tiff, pattern: text("II") + [0x2B, 0]),
        Signature(format: .tiff, pattern: text("MM") + [0, 0x2B]),
        Signature(format: .wav, pattern: riff("WAVE")),
        Signature(format: .zip, pattern: text("PK") + [3, 4]),
        Signature(format: .zip, pattern: text("PK") + [5, 6]),
    ]

    private static func text(_ text: String) -> [UInt8?] { Array(text.utf8) }

    private static func any(_ count: Int) -> [UInt8?] { Array(repeating: nil, count: count) }

    private static func riff(_ kind: String) -> [UInt8?] { text("RIFF") + any(4) + text(kind) }

    /// ISO base media files name themselves in an `ftyp` box (ISO/IEC 14496-12, 4.3): the main brand decides, and for
    /// the neutral `mif1` and `msf1` the first other one that is known.
    private static func brandFormat(_ bytes: ArraySlice<UInt8>) -> ImageFormat? {
        let bytes = Array(bytes)
        guard bytes.count >= 12, bytes[4..<8].elementsEqual("ftyp".utf8) else { return nil }
        let length = bytes[0..<4].reduce(0) { $0 << 8 | Int($1) }
        let end = min(bytes.count, max(length, 12))
        let brands = [8] + stride(from: 16, to: max(16, end - 3), by: 4)
        let names = brands.map { String(decoding: bytes[$0..<$0 + 4], as: UTF8.self) }
        let known = names.map { formatOfBrand[$0] }
        if let main = known.first ?? nil { return main }
        guard names[0] == "mif1" || names[0] == "msf1" else { return .mp4 }
        return known.lazy.compactMap { $0 }.first ?? .heic
    }

    private static let formatOfBrand: [String: ImageFormat] = [
        "avif": .avif, "avis": .avif, "heic": .heic, "heim": .heic, "heis": .heic, "heix": .heic, "hevc": .heic,
        "hevx": .heic, "qt  ": .quicktime,
    ]

    /// Markup is text: it may begin with a byte order mark, space, a declaration and comments.
    private static func markupFormat(_ bytes: ArraySlice<UInt8>) -> ImageFormat? {
        let text = String(decoding: bytes, as: UTF8.self).lowercased()
        let start = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
        guard start.first == "<" else { return nil }
        if start.hasPrefix("<!doctype html") || start.hasPrefix("<html") { return .html }
        if start.contains("<svg") { return .svg }
        return start.hasPrefix("<?xml") ? .xml : nil
    }
}
