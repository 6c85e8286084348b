extension Recognition {
    /// What a person would read, where ``text`` holds every reading: the words of the pass that read most, and what
    /// other passes are sure of elsewhere, from top to bottom and left to right.
    package var singleText: String {
        let passes = Dictionary(grouping: words.filter { $0.confidence >= 60 }, by: \.pass)
        let best = passes.values.max { mass($0) < mass($1) } ?? []
        var chosen = best
        for word in words.sorted(by: { $0.confidence > $1.confidence })
        where word.confidence >= 80 && !chosen.contains(where: { $0.box.covers(word.box) }) { chosen.append(word) }
        return rows(chosen).map { row in row.sorted { $0.box.x < $1.box.x } }.joined()
            .map(\.text).joined(separator: " ")
    }

    /// Confident letters.
    private func mass(_ words: [RecognizedWord]) -> Double {
        words.reduce(0) { $0 + $1.confidence * Double($1.text.count) }
    }

    /// Words whose middles lie within half a word's height of the first of their row.
    private func rows(_ words: [RecognizedWord]) -> [[RecognizedWord]] {
        var rows: [[RecognizedWord]] = []
        for word in words.sorted(by: { $0.box.middleRow < $1.box.middleRow }) {
            if let first = rows.last?.first, word.box.middleRow - first.box.middleRow <= first.box.height / 2 {
                rows[rows.count - 1].append(word)
            } else {
                rows.append([word])
            }
        }
        return rows
    }
}

extension WordBox {
    fileprivate var middleRow: Int { y + height / 2 }
}
