import Imaging

/// Takes the places of texts, and nothing else, out of a drawing of the picture.
struct PasteBack {
    /// As large as the picture, and in its place.
    private let drawing: Bitmap
    private let stop: WorkStop

    init(_ drawing: Bitmap, stop: WorkStop) {
        self.drawing = drawing
        self.stop = stop
    }

    /// - Returns: The clean picture with the texts' places as they were drawn; its mask covers them wholly.
    func paste(
        _ texts: [BlockText],
        on clean: CleanPicture,
    ) throws -> (picture: CleanPicture, outcomes: [BlockOutcome]) {
        precondition(drawing.size == clean.picture.size)
        let places = TargetBoxes(texts.map(\.block), on: clean.picture)
        var result = clean
        var outcomes: [BlockOutcome] = []
        for text in texts {
            try stop.check()
            let block = text.block
            let margin = TextZone(block, in: drawing.size)?.margin ?? 0
            let box = places.target(for: block).box.union(block.box.expanded(margin, margin))
            guard let bounds = box.turnedBounds(by: block.angle, around: block.box.middle).within(drawing.size) else {
                outcomes.append(BlockOutcome(pasted: block, box, changed: block.box, ground: block.style.colour))
                continue
            }
            paste(box, bounds, of: block, softness: Double(max(2, margin / 2)), into: &result)
            let ground = clean.picture.median(in: bounds)
            outcomes.append(BlockOutcome(pasted: block, box, changed: bounds, ground: ground))
        }
        return (result, outcomes)
    }

    /// The drawing shows fully `softness` pixels within the box, and less towards its edge, so that none is seen.
    private func paste(
        _ box: TextBox,
        _ bounds: TextBox,
        of block: TextBlock,
        softness: Double,
        into result: inout CleanPicture,
    ) {
        let middle = block.box.middle
        let bands = result.picture.bands
        for y in bounds.y..<bounds.bottom {
            for x in bounds.x..<bounds.right {
                let place = TextPoint(x: Double(x) + 0.5, y: Double(y) + 0.5).turned(by: -block.angle, around: middle)
                let depth = box.depth(of: place)
                guard depth > 0 else { continue }
                let share = min(1, depth / softness)
                let pixel = y * drawing.size.width + x
                for band in 0..<min(3, bands) {
                    let under = Double(result.picture.pixels[pixel * bands + band])
                    let over = Double(drawing.pixels[pixel * drawing.bands + band])
                    result.picture.pixels[pixel * bands + band] = UInt8((under + (over - under) * share).rounded())
                }
                result.mask.pixels[pixel] = 255
            }
        }
    }
}

extension TextBox {
    /// How far a place lies within, from the nearest side; negative outside.
    fileprivate func depth(of place: TextPoint) -> Double {
        min(place.x - Double(x), Double(right) - place.x, place.y - Double(y), Double(bottom) - place.y)
    }
}

extension BlockOutcome {
    /// What a model drew is taken to look like the source, until it is read again.
    fileprivate init(pasted block: TextBlock, _ box: TextBox, changed: TextBox, ground: Colour) {
        let style = block.style
        self.init(
            box: box,
            ink: box,
            changed: changed,
            size: style.size,
            sizeRatio: 1,
            lineCount: max(1, block.lines.count),
            colour: style.colour,
            stroke: style.stroke,
            contrast: Colour.contrast(style.colour, style.stroke?.colour ?? ground),
        )
    }
}
