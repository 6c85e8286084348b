extension SettingsReader {
    /// Texts in an order: a list in the file; in a variable a JSON array or `a,b,c`.
    package func list(
        _ key: String,
        default fallback: [String],
        count: ClosedRange<Int> = 0...1000,
        each text: SettingText = .upTo(1024),
        aliases: [SettingAlias] = [],
        help: String,
    ) -> [String] {
        let allowed = "a list of \(count.lowerBound) to \(count.upperBound) entries, each \(text.allowed)"
        return value(
            key,
            default: fallback,
            allowed: allowed,
            aliases: aliases,
            help: help,
            show: { $0.joined(separator: ",") },
            parse: { raw in
                guard let list = raw.list, count.contains(list.count) else { return nil }
                return list.allSatisfy(text.isAllowed) ? list : nil
            },
        )
    }

    /// Cases of an enum in an order, each at most once.
    package func choices<Choice>(
        _ key: String,
        default fallback: [Choice],
        aliases: [SettingAlias] = [],
        help: String,
    ) -> [Choice] where Choice: RawRepresentable<String> & CaseIterable & Hashable {
        let allowed = "a list of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return value(
            key,
            default: fallback,
            allowed: allowed,
            aliases: aliases,
            help: help,
            show: { $0.map(\.rawValue).joined(separator: ",") },
            parse: { raw in
                guard let names = raw.list else { return nil }
                let cases = names.compactMap { Choice(rawValue: $0) }
                return cases.count == names.count && Set(cases).count == cases.count ? cases : nil
            },
        )
    }

    /// Named whole numbers in an order: a map in the file; in a variable a JSON object or `small=150,large=1200`.
    package func numbers(
        _ key: String,
        _ range: ClosedRange<Int>,
        default fallback: [(name: String, value: Int)],
        name: SettingText = .upTo(64),
        count: ClosedRange<Int> = 1...100,
        aliases: [SettingAlias] = [],
        help: String,
    ) -> [(name: String, value: Int)] {
        let allowed =
            "\(count.lowerBound) to \(count.upperBound) names (\(name.allowed)), each with a whole number from "
            + "\(range.lowerBound) to \(range.upperBound), such as small=150,large=1200"
        return value(
            key,
            default: fallback,
            allowed: allowed,
            aliases: aliases,
            help: help,
            show: { $0.map { "\($0.name)=\($0.value)" }.joined(separator: ",") },
            parse: { raw in
                guard let entries = raw.entries, count.contains(entries.count) else { return nil }
                let numbers = entries.compactMap { entry -> (name: String, value: Int)? in
                    guard name.isAllowed(entry.name), let number = Int(entry.value) else { return nil }
                    return range.contains(number) ? (entry.name, number) : nil
                }
                return numbers.count == entries.count ? numbers : nil
            },
        )
    }
}
