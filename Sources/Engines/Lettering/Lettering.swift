import Imaging
import Kernel
import OCR

/// Finds the text of pictures, takes it out and sets other text in its place, on threads of its own.
///
/// The three steps are separate calls, so that a text can be edited and set again without being read again.
package final class Lettering: Sendable {
    /// How much a picture may cost.
    package struct Limits: Sendable {
        /// Checked before anything is decoded. Erasing needs about 30 bytes for each pixel that its largest block covers,
        /// so fewer pixels are allowed than elsewhere.
        package var image = ImageLimits()
        /// For each call, from when a thread takes it.
        package var time: Duration = .seconds(60)

        package init() { image.pixels = 25_000_000 }
    }

    private let ocr: OCREngine
    let limits: Limits
    private let pool: WorkPool

    /// Takes a reader of text, which has threads of its own.
    ///
    /// - Parameters:
    ///   - ocr: Reads the text.
    ///   - width: Pictures worked on at once.
    ///   - waiting: Pictures that may wait; more are refused with ``WorkPool/Full``.
    ///   - limits: For each picture.
    package init(ocr: OCREngine, width: Int = 1, waiting: Int = 1_000, limits: Limits = Limits()) {
        self.ocr = ocr
        self.limits = limits
        pool = WorkPool(name: "lettering", width: width, limit: waiting)
    }

    /// Pictures waiting and being worked on now.
    package var load: (waiting: Int, running: Int) { pool.load }

    /// Finds the text of a picture.
    ///
    /// - Parameter picture: A file of a format that ``ImageFormat/accepted`` names.
    /// - Returns: The picture as decoded, and its blocks of text.
    /// - Throws: ``ImagingError``, ``OCRError``, ``WorkPool/Full`` or `CancellationError`.
    package func blocks(of picture: [UInt8]) async throws -> Page {
        let recognition = try await ocr.recognize(picture, mode: .layout)
        return try await run { stop in
            let bitmap = try Bitmap.decode(picture, limits: self.limits.image, before: stop.deadline)
            let blocks = try PageLayout(recognition, in: bitmap, stop: stop).blocks()
            let columns = recognition.columns.map { column in
                TextLine(text: column.text, box: TextBox(column.box), confidence: column.confidence / 100, words: [])
            }
            return Page(
                picture: bitmap,
                blocks: blocks,
                columns: columns,
                hasUnreadCharacters: recognition.hasUnreadCharacters,
            )
        }
    }

    /// Decodes a picture, for ``erase(_:from:)`` with blocks that are known.
    ///
    /// - Parameter picture: A file of a format that ``ImageFormat/accepted`` names.
    /// - Returns: Its pixels, upright.
    /// - Throws: ``ImagingError``, ``WorkPool/Full`` or `CancellationError`.
    package func decode(_ picture: [UInt8]) async throws -> Bitmap {
        try await run { try Bitmap.decode(picture, limits: self.limits.image, before: $0.deadline) }
    }

    /// Takes the text of some blocks out of a picture. Pixels that are not of their letters, outlines or shadows stay
    /// as they are.
    ///
    /// - Parameters:
    ///   - blocks: As found by ``blocks(of:)``; those left out keep their text.
    ///   - picture: What they were found in.
    /// - Returns: The picture before and after.
    /// - Throws: ``ImagingError/outOfTime``, ``WorkPool/Full`` or `CancellationError`.
    package func erase(_ blocks: [TextBlock], from picture: Bitmap) async throws -> CleanPicture {
        try await run { try Eraser(picture, stop: $0).erase(blocks) }
    }

    /// Sets texts in the places of blocks. A text that cannot be set leaves its block as it was in the original, and
    /// its outcome says why.
    ///
    /// - Parameters:
    ///   - texts: What to set where; an empty text leaves the place empty.
    ///   - clean: The picture without the text of these blocks.
    /// - Returns: The picture, and how each text was set.
    /// - Throws: ``ImagingError``, ``WorkPool/Full`` or `CancellationError`.
    package func set(_ texts: [BlockText], on clean: CleanPicture) async throws -> LetteredPicture {
        try await run { try Typesetter(clean, stop: $0).set(texts) }
    }

    /// Reads again what was set, and where its source stood: whether the picture says what it should, and nothing of
    /// what it said before. Costs about as much as reading so much text.
    ///
    /// - Parameters:
    ///   - texts: As they were set, or pasted.
    ///   - outcomes: What came of each.
    ///   - picture: With them.
    ///   - clean: Without them.
    ///   - isPasted: Whether a model drew them: then the source may also stand beside the new text.
    /// - Returns: For each text in order; `nil` for one that was not set.
    /// - Throws: ``OCRError``, ``ImagingError/outOfTime``, ``WorkPool/Full`` or `CancellationError`.
    package func check(
        _ texts: [BlockText],
        _ outcomes: [BlockOutcome],
        on picture: Bitmap,
        _ clean: CleanPicture,
        isPasted: Bool = false,
    ) async throws -> [TextCheck?] {
        let ocr = ocr
        let sheets = try await run { stop in
            try zip(texts, outcomes).map { text, outcome -> CheckSheets? in
                try stop.check()
                guard outcome.problem == nil else { return nil }
                let isLegible = ocr.knowsLetters(of: text.text)
                var sheets = CheckSheets(text, outcome, on: picture, clean, isLegible: isLegible)
                if isPasted { sheets.ground = nil }
                return sheets
            }
        }
        let all = sheets.flatMap { [$0?.text, $0?.ground].compactMap { $0 } }
        var read = (all.isEmpty ? [] : try await ocr.read(all))[...]
        return zip(texts, sheets).map { text, sheets in
            guard let sheets else { return nil }
            let words = sheets.text == nil ? nil : read.removeFirst()
            let ground = sheets.ground == nil ? [] : read.removeFirst()
            let isUnread = words == nil && ocr.knowsLetters(of: text.text)
            return TextCheck(text, text: isUnread ? [] : words, ground: isPasted ? nil : ground)
        }
    }

    /// A bitmap as a PNG file.
    ///
    /// - Parameter bitmap: Such as a clean picture or a mask.
    /// - Returns: The file; it decodes to exactly the same pixels.
    /// - Throws: ``ImagingError``, ``WorkPool/Full`` or `CancellationError`.
    package func png(of bitmap: Bitmap) async throws -> [UInt8] {
        try await run { _ in try bitmap.png() }
    }

    func run<Value: Sendable>(_ work: @escaping @Sendable (WorkStop) throws -> Value) async throws -> Value {
        let cancellation = Cancellation()
        let time = limits.time
        return try await withTaskCancellationHandler {
            try await pool.run { try work(WorkStop(at: Deadline(after: time), cancellation)) }
        } onCancel: {
            cancellation.cancel()
        }
    }
}
