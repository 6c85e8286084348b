import Imaging
import Kernel
import Synchronization

/// Reads the text of pictures with Tesseract, on threads of its own.
package final class OCREngine: Sendable {
    /// What the words are for.
    package enum Mode: Sendable {
        /// As many right words as possible, for a search index: several passes, other readings of a word beside it.
        /// Of an animation the first frame and the middle one.
        case recall
        /// Each line by the one pass that reads it best; lines that stand askew together are turned level first.
        case layout
    }

    /// How much a picture may cost.
    package struct Limits: Sendable {
        /// Checked before anything is decoded.
        package var image = ImageLimits()
        /// Larger pictures are read reduced to about this many pixels.
        package var pixels = 4_000_000
        /// Small pictures are enlarged for reading, up to this many pixels.
        package var enlargedPixels = 4_000_000
        /// For all passes over one picture, from when a thread takes it.
        package var time: Duration = .seconds(60)

        package init() {}
    }

    private let languages: [String]
    private let data: LanguageData
    private let limits: Limits
    private let pool: WorkPool
    /// As many as there are threads at most; a thread takes one and gives it back.
    private let idle: Mutex<[Tesseract]>

    /// The models of the languages are loaded when a picture is read, as often as pictures are read at once: who never reads
    /// needs no memory for them.
    ///
    /// - Parameters:
    ///   - languages: Tesseract's names, such as `eng` or `chi_sim`, the most frequent first. Each costs time.
    ///   - width: Pictures read at once.
    ///   - waiting: Pictures that may wait; more are refused with ``WorkPool/Full``.
    ///   - limits: For each picture.
    /// - Throws: ``OCRError/languageMissing(_:)`` when data is not installed.
    package convenience init(
        languages: [String] = ["eng"],
        width: Int = 1,
        waiting: Int = 1_000,
        limits: Limits = Limits(),
    ) throws {
        try self.init(languages: languages, width: width, waiting: waiting, limits: limits, data: .standard)
    }

    init(languages: [String], width: Int, waiting: Int, limits: Limits, data: LanguageData) throws(OCRError) {
        precondition(!languages.isEmpty)
        try data.require(languages)
        self.languages = languages
        self.limits = limits
        self.data = data
        pool = WorkPool(name: "ocr", width: width, limit: waiting)
        idle = Mutex([])
    }

    /// Tesseract's names of the languages whose data is installed, such as `eng`, sorted.
    package static func installedLanguages() -> [String] { LanguageData.standard.languages() }

    /// Pictures waiting and being read now.
    package var load: (waiting: Int, running: Int) { pool.load }

    /// Reads a picture. Cancelling the task ends the work within about a line of text.
    ///
    /// - Parameters:
    ///   - picture: A file of a format that ``ImageFormat/accepted`` names.
    ///   - mode: What the words are for.
    /// - Returns: Words in pixels of the upright picture; none when it has no text.
    /// - Throws: ``ImagingError``, ``OCRError``, ``WorkPool/Full`` or `CancellationError`.
    package func recognize(_ picture: [UInt8], mode: Mode) async throws -> Recognition {
        let limits = limits
        return try await run { tesseract, stop in
            try Reading(tesseract, limits: limits, stop: stop).read(picture, mode: mode)
        }
    }

    /// Reads sheets on which it is known that a few lines stand, such as what was drawn a moment ago: once each, and
    /// without looking for columns or other inks.
    ///
    /// - Parameter sheets: Dark on white, letters about 30 pixels high, with some white around.
    /// - Returns: The words of each sheet, in the order of reading.
    /// - Throws: ``OCRError``, ``WorkPool/Full`` or `CancellationError`.
    package func read(_ sheets: [Sheet]) async throws -> [[RecognizedWord]] {
        try await run { tesseract, stop in
            try sheets.map { sheet in
                try stop.check()
                let words = tesseract.read(sheet, .block, pass: "again", firstLine: 0, stop: stop)
                try stop.check()
                return words
            }
        }
    }

    /// Whether the letters of a text are among those that the languages are written with; others are read as something
    /// else.
    package func knowsLetters(of text: String) -> Bool { LanguageScripts(languages).know(text) }

    private func run<Value: Sendable>(
        _ work: @escaping @Sendable (Tesseract, ReadingStop) throws -> Value
    ) async throws -> Value {
        let time = limits.time
        let cancellation = Cancellation()
        return try await withTaskCancellationHandler {
            try await pool.run {
                let stop = ReadingStop(at: Deadline(after: time), cancellation)
                return try self.withTesseract { try work($0, stop) }
            }
        } onCancel: {
            cancellation.cancel()
        }
    }

    private func withTesseract<Value>(_ body: (Tesseract) throws -> Value) throws -> Value {
        let tesseract = try idle.withLock { $0.popLast() } ?? Tesseract(languages, data: data)
        defer { idle.withLock { $0.append(tesseract) } }
        return try body(tesseract)
    }
}
