import Imaging
import OCR

/// Draws the boxes of words close around their ink, where the ground is plain: the reader's own are often too high, or
/// cut off what hangs below the line.
struct TightBoxes {
    private let picture: Bitmap
    private let angle: Double

    /// Pixels of a plain ground differ by this or less.
    private static let plainSpread = 30

    /// `angle`: of the frame in which the boxes are, around the picture's middle.
    init(_ picture: Bitmap, angle: Double) {
        self.picture = picture
        self.angle = angle
    }

    /// The words of one line.
    func tightened(_ words: [RecognizedWord]) -> [RecognizedWord] {
        // A box that is too high has its middle elsewhere; most are right.
        let middles = words.map { $0.box.y + $0.box.height / 2 }.sorted()
        return Self.evened(words.map { tightened($0, middle: middles[middles.count / 2]) })
    }

    /// Cuts a box that is far higher than the others of its line, though its letters are no wider, to what they cover.
    private static func evened(_ words: [RecognizedWord]) -> [RecognizedWord] {
        func median<Value: Comparable>(_ values: [Value]) -> Value { values.sorted()[values.count / 2] }
        let (top, bottom) = (median(words.map(\.box.y)), median(words.map { $0.box.y + $0.box.height }))
        let em = median(words.map(em))
        // More than what is above a small letter, or hangs below the line.
        let reach = 1 + Int(0.3 * em)
        func isEven(_ word: RecognizedWord) -> Bool {
            word.box.y >= top - reach && word.box.y + word.box.height <= bottom + reach || Self.em(word) > 1.3 * em
        }
        let even = words.filter(isEven).map(\.box)
        guard even.count < words.count, let first = even.map(\.y).min(), let last = even.map({ $0.y + $0.height }).max()
        else { return words }
        return words.map { word in
            guard !isEven(word) else { return word }
            var result = word
            result.box.y = max(first, word.box.y)
            result.box.height = max(1, min(last, word.box.y + word.box.height) - result.box.y)
            return result
        }
    }

    private func tightened(_ word: RecognizedWord, middle row: Int) -> RecognizedWord {
        guard word.text.contains(where: { $0.isLetter || $0.isNumber }) else { return word }
        let box = TextBox(word.box)
        let room = box.expanded(2, max(3, box.height / 3))
        let middle = TextPoint(x: Double(picture.size.width) / 2, y: Double(picture.size.height) / 2)
        let patch = Patch(picture, room, turnedBy: angle, around: middle)
        // Where a photo is nearly white too, only what is whiter tells its captions from it.
        let inks = [
            { Self.whiteInk(patch, of: word, 200) }, { Self.whiteInk(patch, of: word, 236) }, { Self.ink(patch) },
        ]
        let found = inks.lazy.compactMap { ink in
            ink().flatMap { ink in
                Self.rows(ink, of: room, from: row - room.y, em: Self.em(word)).map { (ink: ink, rows: $0) }
            }
        }
        guard let (ink, rows) = found.first else { return word }
        let columns = (0..<room.width).filter { x in rows.contains { ink[$0 * room.width + x] } }
        guard let first = columns.first, let last = columns.last else { return word }
        var result = word
        result.box = WordBox(
            x: room.x + first,
            y: room.y + rows.lowerBound,
            width: last - first + 1,
            height: rows.count,
        )
        return result
    }

    /// Which pixels are of letters; `nil` on an uneven ground.
    private static func ink(_ patch: Patch) -> [Bool]? {
        let (width, height) = (patch.box.width, patch.box.height)
        let edge = Array(patch.colours[..<width] + patch.colours[((height - 1) * width)...])
        let ground = Colour(medianOf: edge)
        // The edges may cut through the lines above and below.
        guard 5 * edge.count(where: { $0.distance(to: ground) <= plainSpread }) >= 3 * edge.count else { return nil }
        let distances = patch.colours.map { $0.distance(to: ground) }
        let strongest = distances.sorted()[distances.count * 97 / 100]
        guard strongest >= 40 else { return nil }
        return distances.map { 5 * $0 > 2 * strongest }
    }

    /// The white letters of a caption on a photo; `nil` for words that were read as others.
    private static func whiteInk(_ patch: Patch, of word: RecognizedWord, _ least: UInt8) -> [Bool]? {
        guard captionPasses.contains(word.pass) else { return nil }
        let ink = patch.colours.map { min($0.red, $0.green, $0.blue) >= least }
        // Letters, even thin ones, cover more of their place.
        return Double(ink.count { $0 }) >= 0.1 * em(word) * Double(word.box.width) ? ink : nil
    }

    /// Names of the reader's passes that look for captions.
    private static let captionPasses: Set<String> = ["dark-outline", "white-2"]

    /// About the size of the font, by the width of a letter, which the reader sees more reliably than its height.
    private static func em(_ word: RecognizedWord) -> Double {
        Double(word.box.width) / (0.58 * Double(word.text.count))
    }

    /// The rows around the middle of the word, up to the first gap that is larger than that under the dot of an i.
    private static func rows(_ ink: [Bool], of room: TextBox, from start: Int, em: Double) -> Range<Int>? {
        let least = 1 + room.width / 60
        func isInked(_ row: Int) -> Bool {
            ink[row * room.width + 2..<(row + 1) * room.width - 2].count(where: { $0 }) >= least
        }
        let inked = (0..<room.height).filter(isInked)
        guard let middle = inked.min(by: { abs($0 - start) < abs($1 - start) }) else { return nil }
        let gap = 1 + max(1, Int(em / 9))
        var (first, last) = (middle, middle)
        for row in inked.reversed() where row < first && first - row <= gap { first = row }
        for row in inked where row > last && row - last <= gap { last = row }
        // What goes on beyond the room is the ground's.
        guard first > 0, last < room.height - 1, Double(last + 1 - first) >= 0.3 * em else { return nil }
        return first..<last + 1
    }
}
