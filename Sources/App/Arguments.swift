/// What a command takes, declared once: the parser, the help and the errors follow from it.
struct Option: Sendable {
    let name: String
    /// The word that stands for the value in the help; `nil` for a switch.
    let value: String?
    let help: String
    let isRepeatable: Bool

    /// `--name VALUE`
    static func option(_ name: String, _ value: String, _ help: String, repeatable: Bool = false) -> Option {
        Option(name: name, value: value, help: help, isRepeatable: repeatable)
    }

    /// `--name`
    static func flag(_ name: String, _ help: String) -> Option {
        Option(name: name, value: nil, help: help, isRepeatable: false)
    }
}

/// A word on the command line is not what the command takes.
struct UsageError: Error, CustomStringConvertible {
    let description: String
}

/// The words of a command line after the command's name, checked against its options.
struct Arguments: Sendable {
    private var values: [String: [String]] = [:]
    /// The words that belong to no option, in order.
    private(set) var words: [String] = []

    /// - Throws: ``UsageError`` for an unknown option, a missing value or a repeated option.
    init(_ arguments: [String], options: [Option]) throws(UsageError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                words += rest
                return
            }
            guard argument.hasPrefix("-"), argument.count > 1 else {
                words.append(argument)
                continue
            }
            let (name, inline) = Self.split(argument)
            guard let option = options.first(where: { $0.name == name }) else {
                throw UsageError(description: "unknown option \(name)\(Self.suggestion(name, options))")
            }
            let value = try Self.value(of: option, inline, &rest)
            guard option.isRepeatable || values[name] == nil else {
                throw UsageError(description: "\(name) was given twice")
            }
            values[name, default: []].append(value)
        }
    }

    /// Whether the switch or option was given.
    func has(_ name: String) -> Bool { values[name] != nil }

    /// The value of an option; `nil` when it was not given.
    func value(_ name: String) -> String? { values[name]?.last }

    /// All values of a repeatable option.
    func values(_ name: String) -> [String] { values[name] ?? [] }

    /// The value as a whole number in `range`.
    ///
    /// - Throws: ``UsageError`` naming the option and what it allows.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = value(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError(
                description:
                    "\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'"
            )
        }
        return number
    }

    /// The one word that a command needs.
    func onlyWord(_ meaning: String) throws(UsageError) -> String {
        guard words.count == 1 else { throw UsageError(description: "name one \(meaning)") }
        return words[0]
    }

    /// - Throws: ``UsageError`` when there are words.
    func requireNoWords() throws(UsageError) {
        if let word = words.first { throw UsageError(description: "unexpected '\(word)'") }
    }

    private static func split(_ argument: String) -> (name: String, value: String?) {
        guard argument.hasPrefix("--"), let sign = argument.firstIndex(of: "=") else { return (argument, nil) }
        return (String(argument[..<sign]), String(argument[argument.index(after: sign)...]))
    }

    private static func value(
        of option: Option,
        _ inline: String?,
        _ rest: inout ArraySlice<String>,
    ) throws(UsageError) -> String {
        guard let meaning = option.value else {
            guard inline == nil else { throw UsageError(description: "\(option.name) takes no value") }
            return ""
        }
        if let inline { return inline }
        guard let next = rest.popFirst() else {
            throw UsageError(description: "\(option.name) needs a value: \(option.name) \(meaning)")
        }
        return next
    }

    private static func suggestion(_ name: String, _ options: [Option]) -> String {
        let near = options.map(\.name).filter {
            $0.hasPrefix(name) || name.hasPrefix($0) || $0.sorted() == name.sorted()
        }
        return near.first.map { "; did you mean \($0)?" } ?? ""
    }
}
