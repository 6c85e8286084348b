import Glibc
import Imaging

/// Finds the face whose letters lie best over the ones that were read.
struct FaceMatch {
    let face: TextFace

    /// `size`: of the font, in pixels.
    init(_ words: [WordPatch], _ ink: InkColour, size: Double) {
        // How much better another face must be than the plain one; of small letters one sees less.
        let advantage = 0.01 + 0.005 * max(0, 24 - size)
        let read = words.map { Self.inkShares($0.patch, ink) }
        let scores = TextFace.all.map { face in
            let score = zip(words, read).reduce(0) { sum, word in
                let template = WordTemplate(word.0.word.text, face, ink: word.0.word.box, in: word.0.patch.box)
                let likeness = correlation(word.1, template.coverage) - 0.4 * abs(log(template.aspect))
                return sum + likeness * Double(word.0.word.text.count)
            }
            let letters = words.reduce(0) { $0 + $1.word.text.count }
            return score / Double(max(1, letters)) + (face == TextFace() ? advantage : 0)
        }
        let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
        face = TextFace.all[best]
    }

    /// How much each pixel is of the letters' colour rather than of the ground's, 0...1.
    private static func inkShares(_ patch: Patch, _ ink: InkColour) -> [Double] {
        let range = Double(max(40, ink.colour.distance(to: ink.ground)))
        return patch.colours.map { max(0, 1 - Double($0.distance(to: ink.colour)) / range) }
    }
}

/// Pearson's coefficient, -1...1; 0 when one of both does not vary.
private func correlation(_ one: [Double], _ other: [UInt8]) -> Double {
    let count = Double(one.count)
    var (a, b, aa, bb, ab) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for (left, value) in zip(one, other) {
        let right = Double(value) / 255
        a += left
        b += right
        aa += left * left
        bb += right * right
        ab += left * right
    }
    let (left, right) = (aa - a * a / count, bb - b * b / count)
    return left > 0 && right > 0 ? (ab - a * b / count) / (left * right).squareRoot() : 0
}
