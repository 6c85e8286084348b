internal import CTesseract
import Imaging

/// Whether a picture on which next to nothing could be read is written in characters that nobody here knows: then it is
/// not a picture without words.
///
/// Tesseract's own data tells scripts by their shapes (`osd`, which Debian installs with it). It takes Latin capitals for
/// Cyrillic, but never for Chinese, Japanese or Korean, so it is believed in these alone, whose names it confuses. It needs
/// about fifty characters, an outline hides them, and of Chinese it is hardly ever sure.
struct ScriptLook {
    private static let found: Set = ["Han", "Hangul", "Hiragana", "Japanese", "Katakana", "Korean"]
    private static let languages: Set = ["chi", "jpn", "kor"]
    /// Strokes in any direction are taken for characters with up to 0.7, pages of Japanese mostly with more than 1.2.
    private static let leastCertainty: Float = 1
    /// More letters make sense somewhere, even where no line is certain.
    private static let fewLetters = 40

    private let handle: OpaquePointer

    /// `nil` where such characters can be read, or nothing tells scripts.
    init?(besides languages: [String], data: LanguageData) {
        guard !languages.contains(where: { Self.languages.contains(String($0.prefix(3))) }) else { return nil }
        handle = TessBaseAPICreate()
        guard TessBaseAPIInit3(handle, data.folder, "osd") == 0 else {
            TessBaseAPIDelete(handle)
            return nil
        }
        TessBaseAPISetVariable(handle, "debug_file", "/dev/null")
    }

    /// Whether lines may be what a reader made of characters that it does not know.
    static func isWorthwhile(after lines: [ReadLine]) -> Bool {
        !lines.contains(where: \.isCertain) && lines.reduce(0) { $0 + $1.letters } < fewLetters
    }

    /// Ends the look: it is good for one sheet.
    consuming func seesUnreadCharacters(on sheet: Sheet) -> Bool {
        defer {
            TessBaseAPIEnd(handle)
            TessBaseAPIDelete(handle)
        }
        let width = Int32(sheet.size.width)
        TessBaseAPISetPageSegMode(handle, PSM_OSD_ONLY)
        TessBaseAPISetImage(handle, sheet.pixels, width, Int32(sheet.size.height), 1, width)
        TessBaseAPISetSourceResolution(handle, Tesseract.dotsPerInch)
        var (degrees, certainty, scriptCertainty): (Int32, Float, Float) = (0, 0, 0)
        var name: UnsafePointer<CChar>?
        let isTold = TessBaseAPIDetectOrientationScript(handle, &degrees, &certainty, &name, &scriptCertainty)
        // The name stays Tesseract's own, whatever its header says: freeing it ruins the heap (5.3).
        guard isTold != 0, let name, scriptCertainty >= Self.leastCertainty else { return false }
        return Self.found.contains(String(cString: name))
    }
}
