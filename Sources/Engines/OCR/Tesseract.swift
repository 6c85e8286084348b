internal import CTesseract
import Imaging

/// One handle of Tesseract with its language models in memory, about 15 MB.
///
/// Sendable because the lanes of an ``OCREngine`` hand it from one to the next and never share it.
final class Tesseract: @unchecked Sendable {
    /// How a sheet is cut into lines.
    enum Segmentation: Sendable {
        /// Columns, paragraphs and lines, as in a document.
        case page
        /// One block of lines.
        case block
        /// Words anywhere, in no order.
        case sparse

        fileprivate var mode: TessPageSegMode {
            switch self {
            case .page: PSM_AUTO
            case .block: PSM_SINGLE_BLOCK
            case .sparse: PSM_SPARSE_TEXT
            }
        }
    }

    let languages: [String]
    let data: LanguageData
    private let handle: OpaquePointer

    /// Loads the models, about 60 ms of CPU.
    init(_ languages: [String], data: LanguageData) throws(OCRError) {
        try data.require(languages)
        self.languages = languages
        self.data = data
        handle = TessBaseAPICreate()
        let names = languages.joined(separator: "+")
        guard TessBaseAPIInit3(handle, data.folder, names) == 0 else {
            TessBaseAPIDelete(handle)
            throw .failed("Tesseract does not start with \(names) of \(data.folder)")
        }
        // Tesseract and Leptonica print warnings about odd pictures.
        setMsgSeverity(6)
        TessBaseAPISetVariable(handle, "debug_file", "/dev/null")
    }

    deinit {
        TessBaseAPIEnd(handle)
        TessBaseAPIDelete(handle)
    }

    /// Reads a sheet on the calling thread alone.
    ///
    /// - Parameters:
    ///   - sheet: What is read.
    ///   - segmentation: How it is cut into lines.
    ///   - pass: Name for the words.
    ///   - firstLine: Number of the first line.
    ///   - stop: Asked between words.
    /// - Returns: All words with boxes in pixels of the picture; some or none when it was stopped.
    func read(
        _ sheet: Sheet,
        _ segmentation: Segmentation,
        pass: String,
        firstLine: Int,
        stop: ReadingStop,
    ) -> [RecognizedWord] {
        // Tesseract shares a line among four threads, which costs four times the CPU and finishes later when all cores
        // have work. OMP_THREAD_LIMIT is read when the process starts; this says the same for one thread at any time.
        omp_set_max_active_levels(0)
        TessBaseAPISetPageSegMode(handle, segmentation.mode)
        let width = Int32(sheet.size.width)
        TessBaseAPISetImage(handle, sheet.pixels, width, Int32(sheet.size.height), 1, width)
        TessBaseAPISetSourceResolution(handle, Self.dotsPerInch)
        defer { TessBaseAPIClear(handle) }
        guard stop.watch({ TessBaseAPIRecognize(handle, $0) }) == 0, let words = TessBaseAPIGetIterator(handle) else {
            return []
        }
        defer { TessResultIteratorDelete(words) }
        return collect(words, of: sheet, pass: pass, firstLine: firstLine)
    }

    /// Sheets have no resolution; without one Tesseract guesses and warns.
    static let dotsPerInch: Int32 = 150

    private func collect(
        _ iterator: OpaquePointer,
        of sheet: Sheet,
        pass: String,
        firstLine: Int,
    ) -> [RecognizedWord] {
        let (x, y) = (Int32(sheet.origin.x), Int32(sheet.origin.y))
        var words: [RecognizedWord] = []
        var line = firstLine - 1
        let page = TessResultIteratorGetPageIterator(iterator)
        repeat {
            if TessPageIteratorIsAtBeginningOf(page, RIL_TEXTLINE) != 0 { line += 1 }
            guard let text = TessResultIteratorGetUTF8Text(iterator, RIL_WORD) else { continue }
            defer { TessDeleteText(text) }
            var (left, top, right, bottom): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
            guard TessPageIteratorBoundingBox(page, RIL_WORD, &left, &top, &right, &bottom) != 0 else { continue }
            let box = WordBox(left: left + x, top: top + y, right: right + x, bottom: bottom + y, scale: sheet.scale)
            let confidence = Double(TessResultIteratorConfidence(iterator, RIL_WORD))
            words.append(
                RecognizedWord(text: String(cString: text), box: box, confidence: confidence, line: line, pass: pass)
            )
        } while TessResultIteratorNext(iterator, RIL_WORD) != 0
        return words
    }
}

extension WordBox {
    /// Of a sheet with `scale` pixels for one of the picture.
    fileprivate init(left: Int32, top: Int32, right: Int32, bottom: Int32, scale: Double) {
        let (x, y) = (Int((Double(left) / scale).rounded(.down)), Int((Double(top) / scale).rounded(.down)))
        self.init(
            x: x,
            y: y,
            width: max(1, Int((Double(right) / scale).rounded(.up)) - x),
            height: max(1, Int((Double(bottom) / scale).rounded(.up)) - y),
        )
    }
}
