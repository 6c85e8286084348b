/// Reads `.env`: `KEY=value` lines, `export` before them, comments, single and double quotes.
///
/// Values are taken as they stand: `$NAME` is no reference, because every tool expands it differently.
enum DotEnvReader {
    struct Entry: Sendable {
        let name: String
        let value: String
        /// Counted from 1.
        let line: Int
    }

    private struct Trouble: Error {
        let reason: String
    }

    /// - Returns: The entries in their order (where a name repeats, the last one holds), and all that is wrong.
    static func read(_ text: String, file: String) -> (entries: [Entry], problems: [SettingsProblem]) {
        var entries: [Entry] = []
        var problems: [SettingsProblem] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            do {
                guard let (name, value) = try entry(trimmed(line)) else { continue }
                entries.removeAll { $0.name == name }
                entries.append(Entry(name: name, value: value, line: index + 1))
            } catch {
                problems.append(SettingsProblem(file, "\(file) line \(index + 1) \(error.reason)."))
            }
        }
        return (entries, problems)
    }

    /// The name and value of a line; `nil` for an empty line and a comment.
    private static func entry(_ line: String) throws(Trouble) -> (name: String, value: String)? {
        if line.isEmpty || line.hasPrefix("#") { return nil }
        let isExported = line.hasPrefix("export ") || line.hasPrefix("export\t")
        let assignment = isExported ? trimmed(line.dropFirst(7)) : line
        guard let equals = assignment.firstIndex(of: "=") else {
            throw Trouble(reason: "is not of the form NAME=value")
        }
        let name = trimmed(assignment[..<equals])
        guard isName(name) else { throw Trouble(reason: "has no valid name before the =") }
        return (name, try value(trimmed(assignment[assignment.index(after: equals)...])))
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.first, !first.isNumber else { return false }
        return name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }

    private static func value(_ text: String) throws(Trouble) -> String {
        guard let quote = text.first, quote == "\"" || quote == "'" else {
            return trimmed(withoutComment(text))
        }
        var value = ""
        var isEscaped = false
        for (index, character) in zip(text.indices, text).dropFirst() {
            if isEscaped {
                value += escaped(character)
                isEscaped = false
            } else if character == "\\" && quote == "\"" {
                isEscaped = true
            } else if character == quote {
                let rest = trimmed(text[text.index(after: index)...])
                guard rest.isEmpty || rest.hasPrefix("#") else {
                    throw Trouble(reason: "goes on after the closing quote")
                }
                return value
            } else {
                value.append(character)
            }
        }
        throw Trouble(reason: "has no closing quote")
    }

    /// A comment begins at a # that stands first or after a blank.
    private static func withoutComment(_ text: String) -> Substring {
        var previous: Character = " "
        for (index, character) in zip(text.indices, text) {
            if character == "#" && (previous == " " || previous == "\t") { return text[..<index] }
            previous = character
        }
        return text[...]
    }

    private static func escaped(_ character: Character) -> String {
        switch character {
        case "n": "\n"
        case "t": "\t"
        case "r": "\r"
        case "\"", "\\", "$": String(character)
        default: "\\\(character)"
        }
    }
}
