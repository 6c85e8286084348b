/// New names for files, made of what is known of memes. Nothing is changed by making a plan.
struct RenamePlan: Sendable, Equatable {
    struct Step: Sendable, Equatable {
        let id: String
        let from: String
        let to: String
    }

    /// The steps that change something, in the order of the memes.
    let steps: [Step]

    /// Places in a template, and what stands there.
    static let places: [(name: String, field: MemeField)] = [
        ("title", .title), ("subject", .subjects), ("meaning", .meaning), ("scene", .scene), ("text", .caption),
        ("emotion", .emotions), ("template", .template), ("tag", .keywords),
    ]

    /// Fills the template for every meme: a list gives its first element, a place without a value disappears with the
    /// dash before it, and a name that another meme of the plan has gets a number. Endings stay.
    ///
    /// - Returns: `nil` for a template without a known place.
    init?(template: String, for memes: [(id: String, fileName: String, texts: MemeTexts)]) {
        guard Self.places.contains(where: { template.contains("{\($0.name)}") }) else { return nil }
        var taken: Set<String> = []
        steps = memes.compactMap { meme in
            let stem = Self.stem(template, meme.texts)
            guard !stem.isEmpty else { return nil }
            let ending = meme.fileName.lastIndex(of: ".").map { String(meme.fileName[$0...]) } ?? ""
            var name = stem + ending
            var number = 2
            while !taken.insert(name.lowercased()).inserted {
                name = "\(stem)-\(number)\(ending)"
                number += 1
            }
            return name == meme.fileName ? nil : Step(id: meme.id, from: meme.fileName, to: name)
        }
    }

    private static func stem(_ template: String, _ texts: MemeTexts) -> String {
        var stem = template
        for (name, field) in places {
            stem = stem.replacing("{\(name)}", with: fileNamePart(texts.values(field).first ?? ""))
        }
        let parts = stem.split(separator: "-").map { String($0.trimmingSpaces) }.filter { !$0.isEmpty }
        return String(parts.joined(separator: "-").prefix(120))
    }
}

/// Without what file systems and shells trip over, at most 60 characters.
private func fileNamePart(_ text: String) -> String {
    let kept = text.map { $0.isLetter || $0.isNumber ? $0 : " " }
    return kept.split(separator: " ").map { String($0) }.joined(separator: " ").prefix(60).trimmingSpaces.description
}

extension StringProtocol {
    fileprivate var trimmingSpaces: SubSequence {
        let start = firstIndex { $0 != " " } ?? endIndex
        let end = lastIndex { $0 != " " }.map(index(after:)) ?? start
        return self[start..<end]
    }
}
