import Imaging

/// Finds columns of Chinese or Japanese characters by reading them: laid side by side, they make sense as they stand,
/// which those of a page on its side do not.
struct ColumnReading {
    private let tesseract: Tesseract
    private let limits: OCREngine.Limits
    private let stop: ReadingStop

    /// `nil` where no installed language has such characters.
    init?(_ tesseract: Tesseract, limits: OCREngine.Limits, stop: ReadingStop) {
        guard tesseract.languages.contains(where: Self.scripts.contains) else { return nil }
        self.tesseract = tesseract
        self.limits = limits
        self.stop = stop
    }

    private static let scripts = ["chi_sim", "chi_tra", "jpn", "kor"]
    private static let characters = LanguageScripts(scripts)
    private static let leastLetters = 3
    /// Columns that are looked at: each costs as much as a line.
    private static let most = 24
    private static let leastConfidence = 70.0
    /// What is read of characters on their sides is below.
    private static let leastLineConfidence = 80.0
    /// Smaller characters are enlarged, in pixels.
    private static let smallest = 32

    /// - Parameters:
    ///   - picture: Is upright.
    ///   - strokes: Sheets of it that show its dark and its bright strokes.
    ///   - lines: What is read already.
    /// - Returns: From right to left, each as one word.
    /// - Throws: ``ImagingError``, or what ends the reading.
    func read(
        _ picture: borrowing ReadablePicture,
        _ strokes: [Sheet],
        besides lines: [ReadLine],
    ) throws -> [RecognizedWord] {
        let sure = lines.filter { $0.letters >= Self.leastLetters && $0.confidence >= Self.leastLineConfidence }
        let places = sure.map(\.box)
        var found: [RecognizedWord] = []
        var sheets: [Double: Sheet] = [:]
        let columns = strokes.flatMap { TextColumn.all(in: $0).filter { !$0.isRead(in: places) } }
        for column in columns.prefix(Self.most) where !found.contains(where: { $0.box.covers(column.box) }) {
            try stop.check()
            let enlargement = column.box.width < Self.smallest ? 2.0 : 1
            let sheet =
                try sheets[enlargement]
                ?? picture.sheet(.grey, enlargement: enlargement, maxPixels: limits.enlargedPixels)
            sheets[enlargement] = sheet
            if let word = read(column, of: sheet) { found.append(word) }
        }
        try stop.check()
        return found.sorted { $0.box.x > $1.box.x }
    }

    private func read(_ column: TextColumn, of sheet: Sheet) -> RecognizedWord? {
        let words = tesseract.read(column.line(of: sheet), .block, pass: "column", firstLine: 0, stop: stop)
        let line = words.filter { Self.characters.know($0.text) && $0.text.contains(where: \.isLetter) }
        let count = line.reduce(0) { $0 + letters($1.text).count }
        let sum = line.reduce(0) { $0 + $1.confidence * Double(letters($1.text).count) }
        let confidence = sum / Double(max(1, count))
        guard count >= Self.leastLetters, 2 * count >= column.cells.count, confidence >= Self.leastConfidence else {
            return nil
        }
        return RecognizedWord(
            text: line.map(\.text).joined(),
            box: column.box,
            confidence: confidence,
            line: 0,
            pass: "column",
        )
    }
}
