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
        let version = "lettering-1 \(languages.joined(separator: "+"))"
        return PictureLetterer(version: version) { picture in
            Page(blocks: try await lettering.blocks(of: picture).blocks.enumerated().map(TranslatedBlock.init))
        } draw: { try await lettering.draw($0) }
    }

    /// All that are installed, English first; each costs time. `osd` and `equ` are no languages.
    private static var standardLanguages: [String] {
        let installed = OCREngine.installedLanguages().filter { $0 != "osd" && $0 != "equ" }
        return installed.filter { $0 == "eng" } + installed.filter { $0 != "eng" }
    }
}

extension Lettering {
    /// Replaces the words of every block that changes. A text that cannot be set leaves its block as it was.
    fileprivate func draw(_ order: PictureLetterer.Order) async throws -> PictureLetterer.Drawing {
        let original = try await decode(order.picture)
        let changes = order.blocks.enumerated().compactMap { index, block -> (index: Int, text: BlockText)? in
            guard block.shown != block.text, let place = block.textBlock else { return nil }
            return (index, BlockText(block: place, text: block.shown, language: order.language))
        }
        let clean = try await erase(changes.map(\.text.block), from: original)
        let lettered = try await set(changes.map(\.text), on: clean)
        var drawn = order.blocks.map(\.withoutDrawingFlags)
        for (change, outcome) in zip(changes, lettered.outcomes) { drawn[change.index].flags += outcome.flags }
        if order.isChecked { try await check(changes, on: lettered, clean, &drawn) }
        return PictureLetterer.Drawing(
            size: original.size,
            picture: lettered.png,
            clean: try await png(of: clean.picture),
            mask: try await png(of: clean.mask),
            blocks: drawn.map(\.withCheckFlags),
        )
    }

    /// Reads what was not read before.
    private func check(
        _ changes: [(index: Int, text: BlockText)],
        on lettered: LetteredPicture,
        _ clean: CleanPicture,
        _ drawn: inout [TranslatedBlock],
    ) async throws {
        let new = zip(changes, lettered.outcomes).filter { drawn[$0.0.index].check == nil }
        var part = lettered
        part.outcomes = new.map(\.1)
        let checks = try await check(new.map(\.0.text), on: part, clean)
        for (change, check) in zip(new, checks) { drawn[change.0.index].check = check }
    }
}

extension BlockOutcome {
    fileprivate var flags: [String] {
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
    }

    /// The block as the engine found it.
    fileprivate var textBlock: TextBlock? { try? JSONDecoder().decode(TextBlock.self, from: Data(layout.bytes)) }

    /// What an earlier drawing noted is no more true.
    fileprivate var withoutDrawingFlags: TranslatedBlock {
        var block = self
        block.flags.removeAll { ["missing_glyphs", "overflow", "low_contrast", "residual", "unreadable"].contains($0) }
        return block
    }

    /// Readers make mistakes with good text too: a quarter of its letters is more than that.
    fileprivate var withCheckFlags: TranslatedBlock {
        guard let check, shown != text else { return self }
        var block = self
        if check.residue > 0 { block.flags.append("residual") }
        if check.letters >= 4, check.errors * 4 > check.letters { block.flags.append("unreadable") }
        return block
    }
}
