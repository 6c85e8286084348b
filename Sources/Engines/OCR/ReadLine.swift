import Imaging

/// A line as one pass read it.
struct ReadLine {
    let words: [RecognizedWord]
    let box: WordBox
    /// Letters and digits.
    let letters: Int
    /// The mean of the words' confidence by their letters, 0...100.
    let confidence: Double

    init(_ words: [RecognizedWord]) {
        self.words = words
        box = Self.box(words.map(\.box))
        let counts = words.map { OCR.letters($0.text).count }
        letters = counts.reduce(0, +)
        let sum = zip(words, counts).reduce(0) { $0 + $1.0.confidence * Double($1.1) }
        confidence = sum / Double(max(1, letters))
    }

    /// Around all words, but no higher than most of them: of small print Tesseract makes some boxes so high that they
    /// reach over the next line.
    private static func box(_ words: [WordBox]) -> WordBox {
        func median(_ values: [Int]) -> Int { values.sorted()[values.count / 2] }
        let (tops, bottoms) = (words.map(\.y), words.map { $0.y + $0.height })
        let reach = median(words.map(\.height)) / 3
        let left = words.map(\.x).min() ?? 0
        let top = max(tops.min() ?? 0, median(tops) - reach)
        let bottom = min(bottoms.max() ?? 0, median(bottoms) + reach)
        let right = words.map { $0.x + $0.width }.max() ?? 0
        return WordBox(x: left, y: top, width: right - left, height: max(1, bottom - top))
    }

    /// By which readings of a place are compared: sure letters, and most of all that all are sure.
    var score: Double { Double(letters) * confidence * confidence }

    /// Whether no other pass would read it better.
    var isCertain: Bool {
        letters >= 3 && confidence >= 88 && box.height >= 13 && words.allSatisfy { $0.confidence >= 70 }
    }

    /// Whether it is text rather than the texture of a photo. `isWhole`: of a pass that sees the picture as it is, where
    /// a short word is no mere speck.
    func isLikely(isWhole: Bool) -> Bool {
        switch letters {
        case 0: false
        case 1: isWhole && confidence >= 92
        case 2: isWhole && confidence >= 80
        case 3...4: confidence >= 70
        default: confidence >= 80 || confidence >= 58 && isDense
        }
    }

    /// Letters stand side by side; the specks that are read in a photo's noise lie far apart.
    private var isDense: Bool { 4 * letters * box.height >= box.width }

    func overlaps(_ other: ReadLine) -> Bool { box.overlap(with: other.box) > 0.3 }
}
