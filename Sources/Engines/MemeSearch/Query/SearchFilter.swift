import Kernel

/// What a meme must and must not be, apart from how well it fits. All conditions hold together.
package struct SearchFilter: Sendable, Equatable {
    /// One of `anyOf` must be there, or none when negated.
    struct LabelCondition: Sendable, Equatable {
        var anyOf: [String]
        var isNegated = false
    }

    /// Folded words that must stand together, or nowhere when negated.
    struct PhraseCondition: Sendable, Equatable {
        var folded: String
        var field: Field?
        var isNegated = false
    }

    /// Width by height must be within, or outside when negated.
    struct RatioCondition: Sendable, Equatable {
        var range: ClosedRange<Float>
        var isNegated = false
    }

    var labels: [LabelCondition] = []
    var phrases: [PhraseCondition] = []
    var ratios: [RatioCondition] = []
    /// Numbers that must not be found.
    package var excluded = NumberSet()

    package init() {}

    /// Whether every meme passes.
    package var isEmpty: Bool { conditions == 0 && excluded.isEmpty }

    var conditions: Int { labels.count + phrases.count + ratios.count }

    /// Adds the condition that one of `values` fits, as `key:value,value` in a query does.
    ///
    /// - Returns: Whether the key is known and a value says something to it; otherwise nothing is added.
    @discardableResult
    package mutating func require(_ key: String, _ values: [String], isNegated: Bool = false) -> Bool {
        let values = values.filter { !$0.isEmpty }
        guard !values.isEmpty else { return false }
        switch key {
        case "color", "colour": return requireLabels(values.map(Label.color), isNegated)
        case "type": return requireLabels(values.map(Label.type), isNegated)
        case "lang": return requireLabels(values.map(Label.language).filter { !$0.hasSuffix(":") }, isNegated)
        case "lib", "library": return requireLabels(values.map(Label.library), isNegated)
        case "tag", "emotion":
            let labels = values.flatMap { value in
                [Label.tag(value)] + (Emotion.named(value).map { [Label.emotion($0)] } ?? [])
            }
            return requireLabels(labels.filter { !$0.hasSuffix(":") }, isNegated)
        case "ratio": return requireRatio(values, isNegated)
        case "text": return requireText(values.joined(separator: " "), isNegated)
        default: return false
        }
    }

    /// Adds the condition that words stand together somewhere in the meme, or nowhere. Text without words is no
    /// condition.
    package mutating func requirePhrase(_ text: String, isNegated: Bool = false) {
        let folded = TextFolding.folded(text)
        if !folded.isEmpty { phrases.append(PhraseCondition(folded: folded, field: nil, isNegated: isNegated)) }
    }

    private mutating func requireLabels(_ anyOf: [String], _ isNegated: Bool) -> Bool {
        guard !anyOf.isEmpty else { return false }
        labels.append(LabelCondition(anyOf: anyOf, isNegated: isNegated))
        return true
    }

    private mutating func requireText(_ value: String, _ isNegated: Bool) -> Bool {
        switch value {
        case "none": return requireLabels([Label.hasNoText], isNegated)
        case "some": return requireLabels([Label.hasText], isNegated)
        default:
            let folded = TextFolding.folded(value)
            guard !folded.isEmpty else { return false }
            phrases.append(PhraseCondition(folded: folded, field: .text, isNegated: isNegated))
            return true
        }
    }

    private mutating func requireRatio(_ values: [String], _ isNegated: Bool) -> Bool {
        guard values.count == 1, let range = ratioRange(values[0]) else { return false }
        ratios.append(RatioCondition(range: range, isNegated: isNegated))
        return true
    }
}

/// `wide`, `tall`, `square`, `16:9`, `1.5`, `>1.2` or `<1`; a plain number allows 3 % more or less.
private func ratioRange(_ text: String) -> ClosedRange<Float>? {
    switch text {
    case "wide": return 1.2...Float.greatestFiniteMagnitude
    case "square": return 0.83...1.2
    case "tall": return Float.leastNonzeroMagnitude...0.83
    default: break
    }
    if text.hasPrefix(">") { return positive(text.dropFirst()).map { $0.nextUp...Float.greatestFiniteMagnitude } }
    if text.hasPrefix("<") {
        return positive(text.dropFirst()).map {
            Float.leastNonzeroMagnitude...max($0.nextDown, .leastNonzeroMagnitude)
        }
    }
    let sides = text.split(separator: ":", omittingEmptySubsequences: false).map(positive)
    switch sides.count {
    case 1: return sides[0].flatMap(near)
    case 2: return sides[0].flatMap { width in sides[1].flatMap { near(width / $0) } }
    default: return nil
    }
}

private func near(_ ratio: Float) -> ClosedRange<Float>? {
    ratio.isNormal && (ratio * 1.03).isFinite ? ratio * 0.97...ratio * 1.03 : nil
}

private func positive(_ text: Substring) -> Float? {
    guard let value = Float(text), value.isNormal, value > 0 else { return nil }
    return value
}
