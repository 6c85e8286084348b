import Foundation

@testable import MemeSearch

/// The word leg by its formula, document by document: slow and plain.
struct NaiveWordLeg {
    /// By document: occurrences in fifths by term, and the length in fifths.
    private let documents: [(terms: [String: Int], length: Int)]

    init(_ documents: [SearchDocument]) {
        self.documents = documents.map { document in
            var terms: [String: Int] = [:]
            var length = 0
            for (field, text) in zip(Field.allCases, document.foldedFields()) {
                let found = documentTerms(text)
                for term in found.terms { terms[term, default: 0] += Int(field.weight) }
                length += found.length * Int(field.weight)
            }
            return (terms, length)
        }
    }

    func shares(_ tokens: [Token]) -> [Float] {
        let filled = documents.filter { $0.length > 0 }
        let average = Double(filled.map(\.length).reduce(0, +)) / Double(max(1, filled.count))
        var distinct: [Token] = []
        for token in tokens where !distinct.contains(token) { distinct.append(token) }
        let known = Set(documents.flatMap(\.terms.keys))
        let factors = distinct.map { token in known.reduce(into: [:]) { $0[$1] = factor(of: $1, for: token) } }
        let rarities = factors.map { factors in
            let holding = documents.filter { $0.terms.keys.contains { factors[$0] != nil } }.count
            return log(1 + (Double(filled.count - holding) + 0.5) / (Double(holding) + 0.5))
        }
        let attainable = rarities.reduce(0, +) * worth(5, length: 5 * Double(distinct.count), average)
        return documents.map { document in
            let sum = zip(factors, rarities).reduce(0.0) { sum, both in
                let best = document.terms.map { term, weight in
                    (both.0[term] ?? 0) * worth(Double(weight), length: Double(document.length), average)
                }
                return sum + both.1 * (best.max() ?? 0)
            }
            return attainable > 0 ? Float(min(1, sum / attainable)) : 0
        }
    }

    private func factor(of term: String, for token: Token) -> Double? {
        if term == token.text { return 1 }
        guard case .word(let word) = token, term.unicodeScalars.first?.isCJK == false else { return nil }
        let distance = naiveDistance(word, term)
        var factors: [Double] =
            distance <= allowedEdits(length: word.unicodeScalars.count) ? [pow(0.6, Double(distance))] : []
        if englishStem(word) == englishStem(term) { factors.append(0.775) }
        return factors.max()
    }

    private func worth(_ weight: Double, length: Double, _ average: Double) -> Double {
        let frequency = weight / 5
        return frequency * 2.2 / (frequency + 1.2 * (0.25 + 0.75 * length / average))
    }
}

/// Edits by the textbook's recursion.
func naiveDistance(_ first: String, _ second: String) -> Int {
    let (a, b) = (Array(first.unicodeScalars), Array(second.unicodeScalars))
    var table = (0...a.count).map { row in (0...b.count).map { row == 0 ? $0 : $0 == 0 ? row : 0 } }
    for i in 1..<(a.count + 1) {
        for j in 1..<(b.count + 1) {
            table[i][j] = min(
                table[i - 1][j] + 1,
                table[i][j - 1] + 1,
                table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1),
            )
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
            }
        }
    }
    return table[a.count][b.count]
}
