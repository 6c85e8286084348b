import Imaging
import Lettering

/// One picture on its way to new words.
struct BlockDrawing {
    /// A block that changes.
    private struct Change {
        /// Among all blocks.
        let index: Int
        let text: BlockText
    }

    private let lettering: Lettering
    private let order: PictureLetterer.Order
    private let changes: [Change]
    /// All of the picture, with what drawing and checking say of them so far.
    private var blocks: [TranslatedBlock]

    init(_ order: PictureLetterer.Order, by lettering: Lettering) {
        self.lettering = lettering
        self.order = order
        blocks = order.blocks.map(\.withoutDrawingFlags)
        changes = order.blocks.enumerated().compactMap { index, block in
            guard block.shown != block.text, let place = block.textBlock else { return nil }
            return Change(index: index, text: BlockText(block: place, text: block.shown, language: order.language))
        }
    }

    /// Replaces the words of every block that changes. A text that cannot be set leaves its block as it was.
    mutating func draw() async throws -> PictureLetterer.Drawing {
        let original = try await lettering.decode(order.picture)
        let clean = try await lettering.erase(changes.map(\.text.block), from: original)
        let (base, pasted) = try await paste(on: clean)
        let others = changes.filter { !pasted.contains($0.index) }
        let lettered = try await lettering.set(others.map(\.text), on: base)
        for (change, outcome) in zip(others, lettered.outcomes) { blocks[change.index].flags += outcome.flags }
        if order.isChecked { try await check(others, lettered.outcomes, on: lettered.picture, clean) }
        return PictureLetterer.Drawing(
            size: original.size,
            picture: lettered.png,
            clean: try await lettering.png(of: clean.picture),
            mask: try await lettering.png(of: base.mask),
            blocks: blocks.map(\.withCheckFlags),
        )
    }

    /// Takes from the model's drawing what can be read as it should; the rest is flagged `redrawn` and left to be set.
    ///
    /// - Returns: What the rest is set on, and which blocks are done.
    private mutating func paste(on clean: CleanPicture) async throws -> (CleanPicture, Set<Int>) {
        guard let file = order.drawing else { return (clean, []) }
        let drawing = try await lettering.decode(file)
        guard drawing.size == clean.picture.size, drawing.bands >= 3 else { return (clean, []) }
        let wanted = changes.filter { blocks[$0.index].edited == nil && !blocks[$0.index].flags.contains("redrawn") }
        let trial = try await lettering.paste(wanted.map(\.text), from: drawing, on: clean)
        try await check(wanted, trial.outcomes, on: trial.picture.picture, clean, isPasted: true)
        let good = wanted.filter { change in
            blocks[change.index].check.map { $0.isClean && $0.isReadable } ?? true
        }
        let done = Set(good.map(\.index))
        for change in wanted where !done.contains(change.index) {
            blocks[change.index].check = nil
            blocks[change.index].flags.append("redrawn")
        }
        if good.count == wanted.count { return (trial.picture, done) }
        return (try await lettering.paste(good.map(\.text), from: drawing, on: clean).picture, done)
    }

    /// Reads what was not read before.
    private mutating func check(
        _ drawn: [Change],
        _ outcomes: [BlockOutcome],
        on picture: Bitmap,
        _ clean: CleanPicture,
        isPasted: Bool = false,
    ) async throws {
        let new = zip(drawn, outcomes).filter { blocks[$0.0.index].check == nil }
        let checks = try await lettering.check(
            new.map(\.0.text),
            new.map(\.1),
            on: picture,
            clean,
            isPasted: isPasted,
        )
        for (item, check) in zip(new, checks) { blocks[item.0.index].check = check }
    }
}
