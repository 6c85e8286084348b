/// The ways that installed pairs make, of two steps at most: faults add up with each.
struct LanguageGraph: Sendable {
    let pairs: [LanguagePair]
    private let targets: [String: Set<String>]

    /// Between two languages these are gone over first: their dictionaries are the largest.
    private static let preferred = ["en", "es", "fr", "ca"]

    init(_ pairs: some Sequence<LanguagePair>) {
        self.pairs = pairs.sorted()
        targets = Dictionary(grouping: self.pairs, by: \.from).mapValues { Set($0.map(\.to)) }
    }

    /// Nothing for the same language, one step, or two; `nil` when there is no way.
    func route(from: String, to: String) -> [LanguagePair]? {
        let wanted = LanguagePair(from: from, to: to)
        let sources = [wanted.from, baseLanguage(wanted.from)]
        let goals = [wanted.to, baseLanguage(wanted.to)]
        if sources[1] == goals[1] { return [] }
        for find in [direct, pivot] {
            for goal in goals {
                for source in sources {
                    if let route = find(source, goal) { return route }
                }
            }
        }
        return nil
    }

    /// All ways from each language to each other one, sorted.
    var routes: [TranslationRoute] {
        let sources = targets.keys.sorted()
        let goals = Set(pairs.map(\.to)).sorted()
        return sources.flatMap { source in
            goals.compactMap { goal in
                guard baseLanguage(source) != baseLanguage(goal), let steps = route(from: source, to: goal) else {
                    return nil
                }
                let isDirect = steps.count == 1
                return TranslationRoute(
                    pair: LanguagePair(from: source, to: goal),
                    quality: isDirect ? .direct : .pivot,
                    via: isDirect ? nil : steps[0].to,
                )
            }
        }
    }

    private func direct(from: String, to: String) -> [LanguagePair]? {
        targets[from]?.contains(to) == true ? [LanguagePair(from: from, to: to)] : nil
    }

    private func pivot(from: String, to: String) -> [LanguagePair]? {
        let between = (targets[from] ?? []).filter { targets[baseLanguage($0)]?.contains(to) == true }
        let rank = { (code: String) in (Self.preferred.firstIndex(of: code) ?? Self.preferred.count, code) }
        guard let via = between.min(by: { rank($0) < rank($1) }) else { return nil }
        return [LanguagePair(from: from, to: via), LanguagePair(from: baseLanguage(via), to: to)]
    }
}
