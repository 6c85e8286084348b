import Imaging

/// Reads the lines of a picture, each by the pass that reads it best. What a pass is certain of is painted over before
/// the next one, which so costs little, and finds what the others cannot see.
struct LayoutReading {
    private let tesseract: Tesseract
    private let limits: OCREngine.Limits
    private let stop: ReadingStop
    private var certain: [ReadLine] = []
    private var others: [ReadLine] = []
    private var lineCount = 0

    init(_ tesseract: Tesseract, limits: OCREngine.Limits, stop: ReadingStop) {
        self.tesseract = tesseract
        self.limits = limits
        self.stop = stop
    }

    mutating func read(_ picture: borrowing ReadablePicture) throws -> Recognition {
        let angle = try skew(of: picture)
        for (index, pass) in ReadingPass.layout.enumerated() {
            let before = certain.count + others.count
            try read(picture, pass, angle: angle)
            // Nothing more to be seen, and nothing unsure to be read better.
            if index >= 3, !certain.isEmpty, others.isEmpty, certain.count == before { break }
        }
        let words = lines().flatMap(\.words)
        return Recognition(words: words, width: picture.size.width, height: picture.size.height, angle: angle)
    }

    /// The same for dark and for bright text, whichever the picture has.
    private func skew(of picture: borrowing ReadablePicture) throws -> Double {
        for ink in [SheetInk.darkStrokes, .brightStrokes] {
            try stop.check()
            let angle = Skew(try picture.sheet(ink, enlargement: 1, maxPixels: limits.enlargedPixels)).angle
            if angle != 0 { return angle }
        }
        return 0
    }

    private mutating func read(_ picture: borrowing ReadablePicture, _ pass: ReadingPass, angle: Double) throws {
        try stop.check()
        var sheet = try picture.sheet(pass.ink, enlargement: pass.enlargement, maxPixels: limits.enlargedPixels)
        if angle != 0 { sheet = sheet.turnedBack(by: angle) }
        if pass.seesWholeCaptions {
            // No caption covers most of a picture: this is its ground.
            guard sheet.inkShare < 0.3 else { return }
        } else {
            for line in certain { sheet.paintOver(line.box) }
        }
        let words = tesseract.read(sheet, pass.segmentation, pass: pass.name, firstLine: lineCount, stop: stop)
        try stop.check()
        lineCount = (words.last?.line ?? lineCount - 1) + 1
        let kept = words.filter { $0.confidence >= pass.leastConfidence && !$0.isSpeck }.map { $0.repaired() }
        for words in Dictionary(grouping: kept, by: \.line).sorted(by: { $0.key < $1.key }).map(\.value) {
            let line = ReadLine(words)
            if pass.isComplete, line.isCertain {
                certain.append(line)
            } else if line.isLikely(isWhole: pass.isComplete) {
                others.append(line)
            }
        }
    }

    /// One reading of each place, from top to bottom.
    private func lines() -> [ReadLine] {
        var lines: [ReadLine] = []
        for line in (certain + others).sorted(by: { $0.score > $1.score })
        where !lines.contains(where: { $0.overlaps(line) }) { lines.append(line) }
        return lines.sorted { ($0.box.y, $0.box.x) < ($1.box.y, $1.box.x) }
    }
}

extension Sheet {
    /// How much of it is dark, 0...1.
    fileprivate var inkShare: Double { Double(pixels.count { $0 < 128 }) / Double(pixels.count) }

    /// Hides a box of the picture's frame under the brightness of what lies around it.
    fileprivate mutating func paintOver(_ box: WordBox) {
        let margin = Int(2 * scale) + 1
        let left = max(0, Int(Double(box.x) * scale) - origin.x - margin)
        let top = max(0, Int(Double(box.y) * scale) - origin.y - margin)
        let right = min(size.width, Int(Double(box.x + box.width) * scale) - origin.x + margin)
        let bottom = min(size.height, Int(Double(box.y + box.height) * scale) - origin.y + margin)
        guard left < right, top < bottom else { return }
        let sides = (left..<right).flatMap { [pixels[top * size.width + $0], pixels[(bottom - 1) * size.width + $0]] }
        let ground = sides.sorted()[sides.count / 2]
        for y in top..<bottom {
            for x in left..<right { pixels[y * size.width + x] = ground }
        }
    }
}
