import Kernel

extension IndexState {
    /// The numbers that meet every condition.
    func matching(_ filter: SearchFilter) -> NumberSet {
        var allowed = numbers.subtracting(filter.excluded)
        for condition in filter.labels {
            let found = condition.anyOf.reduce(into: NumberSet()) { set, label in
                for posting in labels.postings(of: label) { set.insert(posting.number) }
            }
            allowed = allowed.restricted(to: found, isNegated: condition.isNegated)
        }
        for condition in filter.phrases {
            allowed = allowed.restricted(to: holding(condition), isNegated: condition.isNegated)
        }
        for condition in filter.ratios {
            let found = NumberSet(
                numbers.lazy.filter { number in
                    self.entries[Int(number)].map { condition.range.contains($0.ratio) } ?? false
                }
            )
            allowed = allowed.restricted(to: found, isNegated: condition.isNegated)
        }
        return allowed
    }

    private func holding(_ phrase: SearchFilter.PhraseCondition) -> NumberSet {
        let lists = queryTokens(phrase.folded).map { words.postings(of: $0.text) }
        guard let rarest = lists.min(by: { $0.count < $1.count }) else { return numbers }
        let wanted = Array(phrase.folded.utf8)
        var found = NumberSet()
        for posting in rarest {
            guard let entry = entries[Int(posting.number)] else { continue }
            let text = phrase.field.map { entry.field($0) } ?? entry.folded[...]
            if holdsWords(text, wanted) { found.insert(posting.number) }
        }
        return found
    }
}

extension NumberSet {
    fileprivate func restricted(to other: NumberSet, isNegated: Bool) -> NumberSet {
        isNegated ? subtracting(other) : intersection(other)
    }
}

/// Whether `words` stand in `text` as whole words; next to CJK characters there is no word's end to keep to.
private func holdsWords(_ text: Substring, _ words: [UInt8]) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = words.first, let last = words.last, bytes.count >= words.count else { return false }
    let startsFree = first >= 0x80
    let endsFree = last >= 0x80
    for start in 0...(bytes.count - words.count) where bytes[start] == first {
        let end = start + words.count
        guard startsFree || start == 0 || bytes[start - 1] <= 0x20 else { continue }
        guard endsFree || end == bytes.count || bytes[end] <= 0x20 else { continue }
        if bytes[start..<end].elementsEqual(words) { return true }
    }
    return false
}
