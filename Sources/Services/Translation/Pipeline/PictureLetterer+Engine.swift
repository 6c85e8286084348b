import FoundationEssentials
import Imaging
import Kernel
import Lettering
import OCR

extension PictureLetterer {
    /// Reads with Tesseract and draws with the fonts of this machine.
    ///
    /// - Parameters:
    ///   - languages: Tesseract's names; empty for all that are installed.
    ///   - width: Pictures worked on at once.
    ///   - limits: What a picture may be.
    /// - Returns: `nil` when no language is installed.
    /// - Throws: ``OCR/OCRError/languageMissing(_:)`` for a language that is not installed.
    package static func engine(languages: [String], width: Int, limits: ImageLimits) throws -> PictureLetterer? {
        let languages = languages.isEmpty ? standardLanguages : languages
        guard !languages.isEmpty else { return nil }
        var reading = OCREngine.Limits()
        reading.image = limits
        var drawing = Lettering.Limits()
        drawing.image = limits
        let lettering = Lettering(
            ocr: try OCREngine(languages: languages, width: width, waiting: 10_000, limits: reading),
            width: width,
            waiting: 10_000,
            limits: drawing,
        )
        let version = "lettering-3 \(languages.joined(separator: "+"))"
        let exchange = Exchange { picture in
            try await lettering.question(about: picture)
        } crops: { picture, blocks in
            // A block without its layout has no place.
            try await lettering.crops(of: picture, around: blocks.compactMap(\.textBlock))
        } fitted: { drawing, picture, blocks in
            try await lettering.fitted(drawing, to: picture, besides: blocks.compactMap(\.textBlock))
        }
        return PictureLetterer(version: version, languages: languages, exchange: exchange) { picture in
            let page = try await lettering.blocks(of: picture)
            if page.hasUnreadCharacters { throw TranslationError.unreadScript }
            if page.blocks.isEmpty, !page.columns.isEmpty { throw TranslationError.verticalText }
            let blocks = page.blocks.enumerated().map(TranslatedBlock.init)
            return Page(
                blocks: blocks
                    + page.columns.enumerated().map { TranslatedBlock(blocks.count + $0.offset, column: $0.element) }
            )
        } draw: { order in
            var drawing = BlockDrawing(order, by: lettering)
            return try await drawing.draw()
        }
    }

    /// All that are installed, English first; each costs time. `osd` and `equ` are no languages.
    private static var standardLanguages: [String] {
        let installed = OCREngine.installedLanguages().filter { $0 != "osd" && $0 != "equ" }
        return installed.filter { $0 == "eng" } + installed.filter { $0 != "eng" }
    }
}

extension BlockOutcome {
    var flags: [String] {
        switch problem {
        case .missingGlyphs: ["missing_glyphs"]
        case .overflow: ["overflow"]
        case nil: contrast < 4.5 ? ["low_contrast"] : []
        }
    }
}

extension TranslatedBlock {
    init(_ id: Int, _ block: TextBlock) {
        self.init(
            id: id,
            box: Box(x: block.box.x, y: block.box.y, width: block.box.width, height: block.box.height),
            angle: block.angle,
            order: block.order,
            text: block.text,
            confidence: block.confidence,
            layout: (try? JSON(parsing: Array(JSONEncoder().encode(block)))) ?? [:],
        )
        if block.confidence < Self.leastConfidence { flags.append("unsure_reading") }
    }

    /// A column stays as it is.
    init(_ id: Int, column: TextLine) {
        self.init(
            id: id,
            box: Box(x: column.box.x, y: column.box.y, width: column.box.width, height: column.box.height),
            order: id,
            text: column.text,
            confidence: column.confidence,
            flags: [Self.verticalText],
        )
        isSkipped = true
    }

    /// Below, some of the letters are mostly wrong, and no translator can know which.
    private static let leastConfidence = 0.7

    /// The block as the engine found it.
    var textBlock: TextBlock? { try? JSONDecoder().decode(TextBlock.self, from: Data(layout.bytes)) }

    /// What an earlier drawing noted is no more true.
    var withoutDrawingFlags: TranslatedBlock {
        var block = self
        block.flags.removeAll { ["missing_glyphs", "overflow", "low_contrast", "residual", "unreadable"].contains($0) }
        return block
    }

    var withCheckFlags: TranslatedBlock {
        guard let check, shown != text else { return self }
        var block = self
        if !check.isClean { block.flags.append("residual") }
        if !check.isReadable { block.flags.append("unreadable") }
        return block
    }
}
