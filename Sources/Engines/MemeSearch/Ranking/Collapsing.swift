/// A candidate with its score.
struct RankedCandidate {
    let candidate: Candidate
    let terms: [ScoreTerm]
    let score: Double

    init(_ candidate: Candidate, terms: [ScoreTerm], score: Double) {
        self.candidate = candidate
        self.terms = terms
        self.score = score
    }

    fileprivate func isCopy(of other: RankedCandidate) -> Bool {
        let (mine, theirs) = (candidate.entry, other.candidate.entry)
        if let hash = mine.contentHash, hash == theirs.contentHash { return true }
        guard let first = mine.pictureHash, let second = theirs.pictureHash else { return false }
        guard (first ^ second).nonzeroBitCount <= Families.copyDistance else { return false }
        return Families.areCopies(first, second, texts: (String(mine.field(.text)), String(theirs.field(.text))))
    }

    fileprivate func isRelative(of other: RankedCandidate) -> Bool {
        guard let first = candidate.entry.pictureHash, let second = other.candidate.entry.pictureHash else {
            return false
        }
        return (first ^ second).nonzeroBitCount <= Families.distance
    }
}

/// The first hits without copies, and with few of each family; the best of a family counts what it hides.
func collapsed(
    _ ranked: some Sequence<RankedCandidate>,
    _ request: SearchRequest,
    words: Set<String>,
) -> [SearchHit] {
    var kept: [(ranked: RankedCandidate, hidden: Int)] = []
    for next in ranked {
        if request.collapse != .off, kept.contains(where: { next.isCopy(of: $0.ranked) }) { continue }
        if request.collapse == .family {
            let relatives = kept.indices.filter { next.isRelative(of: kept[$0].ranked) }
            if relatives.count >= Families.mostShown {
                kept[relatives[0]].hidden += 1
                continue
            }
        }
        guard kept.count < request.count else { break }
        kept.append((next, 0))
    }
    return kept.map { next, hidden in
        SearchHit(
            number: next.candidate.number,
            score: next.score,
            terms: next.terms,
            words: matched(words, in: next.candidate.entry),
            hidden: hidden,
        )
    }
}

/// The words of a meme that are among `words`, each once.
private func matched(_ words: Set<String>, in entry: IndexEntry) -> [String] {
    var seen: Set<String> = []
    let lines = entry.folded.split(separator: "\n")
    return lines.flatMap { documentTerms($0).terms }.filter { words.contains($0) && seen.insert($0).inserted }
}
