internal import CPango
import Imaging

/// Sets texts into a clean picture, on the thread that calls it.
struct Typesetter {
    private let clean: CleanPicture
    private let stop: WorkStop

    init(_ clean: CleanPicture, stop: WorkStop) {
        self.clean = clean
        self.stop = stop
    }

    func set(_ texts: [BlockText]) throws -> LetteredPicture {
        var places = TargetBoxes(texts.map(\.block), on: clean.picture)
        var picture = clean.picture
        var outcomes: [BlockOutcome] = []
        for text in texts {
            try stop.check()
            let outcome = try set(text, places, &picture)
            if outcome.lineCount > 0 { places.take(outcome.box, for: text.block) }
            if outcome.problem != nil { restore(text.block, &picture) }
            outcomes.append(outcome)
        }
        return LetteredPicture(picture: picture, png: try picture.png(), outcomes: outcomes)
    }

    private func set(_ text: BlockText, _ places: TargetBoxes, _ picture: inout Bitmap) throws -> BlockOutcome {
        let block = text.block
        let target = places.target(for: block)
        let erased = TextZone(block, in: picture.size, surroundings: 0)?.bounds
        var outcome = BlockOutcome(target.box, changed: erased ?? block.box, block.style)
        guard text.text.contains(where: { !$0.isWhitespace }) else { return outcome }
        let unknown = TextLayout(text.text, TextFace(block.style), size: block.style.size).unknownGlyphs
        guard unknown == 0 else {
            outcome.problem = .missingGlyphs(unknown)
            return outcome
        }
        guard let setting = try setting(text, target, places) else {
            outcome.problem = .overflow
            return outcome
        }
        let (box, fit, colours) = (setting.target.box, setting.fit, setting.colours)
        outcome.box = box
        let drawn = box.turnedBounds(by: block.angle, around: block.box.middle).within(picture.size)
        outcome.changed = drawn.map(outcome.changed.union) ?? outcome.changed
        outcome.ink = fit.ink.intersection(box) ?? box
        outcome.size = fit.size
        outcome.sizeRatio = fit.size / block.style.size
        outcome.lineCount = fit.lineCount
        outcome.colour = colours.letters
        outcome.stroke = colours.stroke
        outcome.contrast = colours.contrast
        draw(setting.fitting.layout(in: setting.target, size: fit.size), at: fit, box, block, colours, &picture)
        return outcome
    }

    /// Where a text fits, and how it looks there.
    private struct Setting {
        let target: TargetBox
        let fitting: Fitting
        let fit: Fit
        let colours: TextColours
    }

    /// At first in the source's place; then over plain ground around it; then with hyphens, where the language's are known;
    /// a word is cut anywhere only when nothing else helps. What still does not fit reaches over whatever is around: it
    /// hides less than a text hides that nobody understands.
    private func setting(_ text: BlockText, _ target: TargetBox, _ places: TargetBoxes) throws -> Setting? {
        let own = colours(of: text.block, in: target)
        func fitting(_ wrapping: TextLayout.Wrapping, _ hyphenation: Hyphenation? = nil) -> Fitting {
            Fitting(text, outline: own.outline(of: text.block.style), wrapping, hyphenation, stop: stop)
        }
        func fit(_ fitting: Fitting, into target: TargetBox, least: Double) throws -> Setting? {
            try fitting.fit(into: target, least: least)
                .map { Setting(target: target, fitting: fitting, fit: $0, colours: own) }
        }
        let (whole, cut) = (fitting(.words), fitting(.letters))
        if let setting = try fit(whole, into: target, least: 0.95) { return setting }
        let grown = places.grown(target, for: text.block)
        if let setting = try fit(whole, into: grown, least: 0.6) { return setting }
        if let hyphenation = Hyphenation(text.language),
            let setting = try fit(fitting(.words, hyphenation), into: grown, least: 0.6)
        {
            return setting
        }
        if let setting = try fit(cut, into: grown, least: 0.6) { return setting }
        return try fit(whole, into: grown, least: 0.35) ?? fit(cut, into: grown, least: 0.35)
            ?? overAll(text, target, places)
    }

    private func overAll(_ text: BlockText, _ target: TargetBox, _ places: TargetBoxes) throws -> Setting? {
        let wide = places.grown(target, for: text.block, overAll: true)
        let colours = colours(of: text.block, in: wide)
        for wrapping in [TextLayout.Wrapping.words, .letters] {
            let fitting = Fitting(text, outline: colours.outline(of: text.block.style), wrapping, stop: stop)
            if let fit = try fitting.fit(into: wide, least: 0.35) {
                return Setting(target: wide, fitting: fitting, fit: fit, colours: colours)
            }
        }
        return nil
    }

    private func colours(of block: TextBlock, in target: TargetBox) -> TextColours {
        let bounds = target.box.turnedBounds(by: block.angle, around: block.box.middle).within(clean.picture.size)
        return TextColours(block.style, on: clean.picture, in: bounds ?? target.box)
    }

    private func draw(
        _ layout: borrowing TextLayout,
        at fit: Fit,
        _ box: TextBox,
        _ block: TextBlock,
        _ colours: TextColours,
        _ picture: inout Bitmap,
    ) {
        let middle = block.box.middle
        guard let bounds = box.turnedBounds(by: block.angle, around: middle).within(picture.size) else { return }
        let outline = (colours.stroke?.width ?? 0) * fit.size / block.style.size
        if let stroke = colours.stroke {
            let around = Coverage(bounds, turnedBy: block.angle, around: middle) { drawing in
                cairo_move_to(drawing, fit.origin.x, fit.origin.y)
                layout.draw(on: drawing, outline: outline)
            }
            picture.paint(stroke.colour, around)
        }
        let letters = Coverage(bounds, turnedBy: block.angle, around: middle) { drawing in
            cairo_move_to(drawing, fit.origin.x, fit.origin.y)
            layout.draw(on: drawing)
        }
        picture.paint(colours.letters, letters)
    }

    /// Gives a block its original pixels back.
    private func restore(_ block: TextBlock, _ picture: inout Bitmap) {
        guard let zone = TextZone(block, in: picture.size) else { return }
        let bands = picture.bands
        for (index, isInside) in zone.insides().enumerated() where isInside {
            let pixel = zone.pixel(index, in: picture.size)
            guard clean.mask.pixels[pixel] != 0 else { continue }
            for band in pixel * bands..<(pixel + 1) * bands { picture.pixels[band] = clean.original.pixels[band] }
        }
    }
}

extension BlockOutcome {
    /// Nothing was set.
    fileprivate init(_ box: TextBox, changed: TextBox, _ style: TextStyle) {
        self.init(
            box: box,
            ink: box,
            changed: changed,
            size: 0,
            sizeRatio: 0,
            lineCount: 0,
            colour: style.colour,
            stroke: style.stroke,
            contrast: 21,
        )
    }
}

extension Bitmap {
    /// Draws a colour where it is covered.
    mutating func paint(_ colour: Colour, _ coverage: Coverage) {
        let channels = [colour.red, colour.green, colour.blue].prefix(bands)
        for y in 0..<coverage.box.height {
            for x in 0..<coverage.box.width {
                let share = Int(coverage.values[y * coverage.box.width + x])
                guard share > 0 else { continue }
                let at = ((coverage.box.y + y) * size.width + coverage.box.x + x) * bands
                for (band, channel) in channels.enumerated() {
                    let under = Int(pixels[at + band])
                    pixels[at + band] = UInt8((under * (255 - share) + Int(channel) * share + 127) / 255)
                }
                if bands == 4 { pixels[at + 3] = UInt8(max(Int(pixels[at + 3]), share)) }
            }
        }
    }
}
