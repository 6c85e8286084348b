import Imaging

/// Reads the lines of a picture, each by the pass that reads it best. What a pass is certain of is painted over before
/// the next one, which so costs little, and finds what the others cannot see.
struct LayoutReading {
    private let tesseract: Tesseract
    private let limits: OCREngine.Limits
    private let stop: ReadingStop
    /// Of most lines, in degrees.
    private var angle = 0.0
    private var certain: [ReadLine] = []
    private var others: [ReadLine] = []
    /// What stands at another angle, as it was read there.
    private var turned: [(place: TurnedPlace, lines: [ReadLine])] = []
    private var lineCount = 0

    /// Angles are told from sheets of so many pixels at most.
    private static let strokePixels = 400_000

    init(_ tesseract: Tesseract, limits: OCREngine.Limits, stop: ReadingStop) {
        self.tesseract = tesseract
        self.limits = limits
        self.stop = stop
    }

    mutating func read(_ picture: borrowing ReadablePicture) throws -> Recognition {
        let strokes = try strokes(of: picture)
        angle = Skew.ofPage(strokes)
        for (index, pass) in ReadingPass.layout.enumerated() {
            let before = certain.count + others.count
            try read(picture, pass)
            if index == 0 { try readTurned(picture, TurnedPlace.all(in: strokes, page: angle, size: picture.size)) }
            // Nothing more to be seen, and nothing unsure to be read better.
            let isSure = others.isEmpty && !(certain.isEmpty && turned.isEmpty)
            if index >= 3, isSure, certain.count == before { break }
        }
        let columns = try readColumns(picture, strokes)
        let lines = lines(in: picture.size)
        return Recognition(
            words: lines.flatMap(\.words),
            columns: columns,
            hasUnreadCharacters: try hasUnreadCharacters(picture, besides: lines),
            width: picture.size.width,
            height: picture.size.height,
        )
    }

    private func hasUnreadCharacters(
        _ picture: borrowing ReadablePicture,
        besides lines: [ReadLine],
    ) throws -> Bool {
        guard ScriptLook.isWorthwhile(after: lines) else { return false }
        try stop.check()
        let sheet = try picture.sheet(.grey, enlargement: 1, maxPixels: limits.pixels)
        return ScriptLook(besides: tesseract.languages, data: tesseract.data)?.seesUnreadCharacters(on: sheet) ?? false
    }

    /// What the passes took for lines there, as if their characters lay on their sides, goes.
    private mutating func readColumns(
        _ picture: borrowing ReadablePicture,
        _ strokes: [Sheet],
    ) throws -> [RecognizedWord] {
        guard angle == 0, let reading = ColumnReading(tesseract, limits: limits, stop: stop) else { return [] }
        let columns = try reading.read(picture, strokes, besides: certain + others)
        others.removeAll { line in columns.contains { $0.box.covers(line.box) } }
        return columns
    }

    private func strokes(of picture: borrowing ReadablePicture) throws -> [Sheet] {
        var sheets: [Sheet] = []
        for ink in [SheetInk.darkStrokes, .brightStrokes] {
            try stop.check()
            sheets.append(try picture.reducedSheet(ink, maxPixels: Self.strokePixels))
        }
        return sheets
    }

    private mutating func read(_ picture: borrowing ReadablePicture, _ pass: ReadingPass) throws {
        try stop.check()
        var sheet = try picture.sheet(pass.ink, enlargement: pass.enlargement, maxPixels: limits.enlargedPixels)
        if angle != 0 { sheet = sheet.turnedBack(by: angle) }
        if pass.seesWholeCaptions {
            // No caption covers most of a picture: this is its ground.
            guard sheet.inkShare < 0.3 else { return }
        } else {
            for line in certain { sheet.paintOver(line.box) }
        }
        for (place, _) in turned { sheet.paintOver(place, seenFrom: angle, in: picture.size) }
        for line in try lines(of: sheet, pass, turnedBy: angle) {
            if pass.isComplete, line.isCertain { certain.append(line) } else { others.append(line) }
        }
    }

    /// Reads places by themselves, each turned level, and keeps what is read better so.
    private mutating func readTurned(_ picture: borrowing ReadablePicture, _ places: [TurnedPlace]) throws {
        var readings: [[ReadLine]] = places.map { _ in [] }
        for pass in ReadingPass.turned {
            let open = places.indices.filter { readings[$0].isEmpty || !readings[$0].allSatisfy(\.isCertain) }
            guard !open.isEmpty else { break }
            try stop.check()
            let sheet = try picture.sheet(pass.ink, enlargement: pass.enlargement, maxPixels: limits.enlargedPixels)
            for index in open {
                let place = places[index]
                let read = try lines(of: sheet.part(place), pass, turnedBy: place.angle)
                let whole = read.filter { place.box.contains($0.box.middle) }
                if whole.score > readings[index].score { readings[index] = whole }
            }
        }
        for (place, lines) in zip(places, readings) { keep(lines, at: place, of: places, in: picture.size) }
    }

    /// Words of the page's own angle at that place give way, unless they were read better or are part of a longer line.
    private mutating func keep(
        _ lines: [ReadLine],
        at place: TurnedPlace,
        of places: [TurnedPlace],
        in size: PixelSize,
    ) {
        let page = angle
        func isThere(_ word: RecognizedWord) -> Bool { place.holds(word.box, seenFrom: page, in: size) }
        let level = (certain + others).map { line in (here: line.words.filter(isThere), line: line) }
            .filter { !$0.here.isEmpty }
        let isPart = level.contains { here, line in
            line.words.contains { word in
                here.contains { $0.box.isBeside(word.box) }
                    && !places.contains { $0.holds(word.box, seenFrom: page, in: size) }
            }
        }
        let score = level.reduce(0) { $0 + ReadLine($1.here).score }
        guard !isPart, lines.reduce(0, { $0 + $1.letters }) >= 3, lines.score >= Self.advantage * score else { return }
        certain = certain.compactMap { $0.without(isThere) }
        others = others.compactMap { $0.without(isThere) }
        turned.append((place, lines))
    }

    /// A turned text of few degrees is read about as well level.
    private static let advantage = 0.95

    /// What a pass reads, in lines, without specks and texture.
    private mutating func lines(
        of sheet: Sheet,
        _ pass: ReadingPass,
        turnedBy angle: Double,
    ) throws -> [ReadLine] {
        let words = tesseract.read(sheet, pass.segmentation, pass: pass.name, firstLine: lineCount, stop: stop)
        try stop.check()
        lineCount = (words.last?.line ?? lineCount - 1) + 1
        let kept = words.filter { $0.confidence >= pass.leastConfidence && !$0.isSpeck }.map { word in
            var word = word.repaired()
            word.angle = angle
            return word
        }
        return Dictionary(grouping: kept, by: \.line).sorted { $0.key < $1.key }.map { ReadLine($0.value) }
            .filter { pass.isComplete && $0.isCertain || $0.isLikely(isWhole: pass.isComplete) }
    }

    /// A line whose box is far too high, as on a photo, as it was read from its letters alone.
    private func seenAlone(_ line: ReadLine) -> ReadLine {
        let captions = ReadingPass.layout.filter(\.seesWholeCaptions).map(\.name)
        return others.first { other in
            captions.contains(other.words[0].pass) && other.overlaps(line)
                && 4 * line.box.height > 5 * other.box.height && other.words.map(\.text) == line.words.map(\.text)
        } ?? line
    }

    /// One reading of each place, from top to bottom.
    private func lines(in size: PixelSize) -> [ReadLine] {
        var lines: [ReadLine] = []
        for line in (certain + others).sorted(by: { $0.score > $1.score })
        where !lines.contains(where: { $0.overlaps(line) }) { lines.append(line) }
        var placed = lines.map(seenAlone).map { (line: $0, box: $0.box) }
        for (place, lines) in turned {
            let turn = Turn(from: place.angle, to: angle, in: size)
            placed += lines.map { (line: $0, box: turn.box(around: $0.box)) }
        }
        return placed.sorted { ($0.box.y, $0.box.x) < ($1.box.y, $1.box.x) }.map(\.line)
    }
}

extension ReadLine {
    /// `nil` when no word is left.
    fileprivate func without(_ isGone: (RecognizedWord) -> Bool) -> ReadLine? {
        let rest = words.filter { !isGone($0) }
        return rest.count == words.count ? self : rest.isEmpty ? nil : ReadLine(rest)
    }
}

extension WordBox {
    /// Whether both may be words of one line: no more than about a letter's height is between them.
    fileprivate func isBeside(_ other: WordBox) -> Bool {
        max(x, other.x) - min(x + width, other.x + other.width) < min(height, other.height)
    }
}

extension [ReadLine] {
    fileprivate var score: Double { reduce(0) { $0 + $1.score } }
}
