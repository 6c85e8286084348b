import Glibc
import Kernel

/// Captions made up: words of a vocabulary in the proportions of a language, and now and then a misreading.
struct Texts {
    private var chance: SplitMix
    private let words: [String]

    init(seed: UInt64, vocabulary: Int = 30_000) {
        var chance = SplitMix(state: seed)
        words = (0..<vocabulary).map { place in Self.word(longer: place > 200, &chance) }
        self.chance = chance
    }

    /// Three to seventeen words.
    mutating func caption() -> String {
        var caption = (0..<Int.random(in: 3...16, using: &chance)).map { _ in common() }
        caption.append(Bool.random(using: &chance) ? Self.word(longer: true, &chance) : common())
        return caption.joined(separator: " ")
    }

    /// Five words of a caption, every third query with a misspelling in each long word.
    mutating func query(of caption: String) -> String {
        let words = caption.split(separator: " ").map(String.init)
        let chosen = (0..<5).compactMap { _ in words.randomElement(using: &chance) }
        guard Int.random(in: 0..<3, using: &chance) == 0 else { return chosen.joined(separator: " ") }
        return chosen.map { $0.count < 5 ? $0 : String($0.prefix(2)) + String($0.dropFirst(3)) }.joined(separator: " ")
    }

    /// Zipf's law: the n-th word comes 1/n as often as the first.
    private mutating func common() -> String {
        let end = Double(words.count + 1)
        let drawn = Double.random(in: 0..<1, using: &chance)
        return words[min(words.count - 1, Int(pow(end, drawn)) - 1)]
    }

    private static func word(longer: Bool, _ chance: inout SplitMix) -> String {
        let consonants = Array("bcdfghklmnprstvwz")
        let vowels = Array("aeiou")
        let syllables = longer ? Int.random(in: 2...4, using: &chance) : Int.random(in: 1...2, using: &chance)
        return (0..<syllables).map { _ in
            let start = consonants.randomElement(using: &chance).map(String.init) ?? ""
            let middle = vowels.randomElement(using: &chance).map(String.init) ?? ""
            let end = Bool.random(using: &chance) ? consonants.randomElement(using: &chance).map(String.init) ?? "" : ""
            return start + middle + end
        }.joined()
    }
}
