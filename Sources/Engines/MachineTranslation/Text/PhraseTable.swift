internal import CPhrases

/// Whole sentences and segments that are always the same: signs, buttons, formulas.
///
/// A table is tab-separated text: lines that begin with `#` are comments, the first other line names languages, each
/// further one is a phrase in them. A cell may be empty. One `…` in a phrase stands for words that the machine translates.
package struct PhraseTable: Sendable {
    /// What a phrase becomes.
    enum Found: Equatable {
        case whole(String)
        /// `words` are still to be translated.
        case around(words: String, before: String, after: String)
    }

    private struct Pattern: Sendable {
        let before: String
        let after: String
        let row: Int
    }

    private var languages: [String] = []
    private var rows: [[String]] = []
    /// By language: the rows of a phrase.
    private var phrases: [String: [String: [Int]]] = [:]
    private var patterns: [String: [Pattern]] = [:]

    /// What comes with the program: English, Spanish, Portuguese, French, Italian, Catalan.
    package static let standard: PhraseTable = {
        let bytes = UnsafeBufferPointer(start: cphrases_table, count: cphrases_table_count)
        do {
            return try PhraseTable(String(decoding: bytes, as: UTF8.self), name: "phrases.tsv")
        } catch {
            preconditionFailure("\(error)")  // it is ours, and a test reads it
        }
    }()

    /// Reads a table.
    ///
    /// - Parameters:
    ///   - text: Tab-separated.
    ///   - name: What errors call it.
    /// - Throws: ``TranslationError/badPhrases(_:)`` with the number of the line.
    package init(_ text: String, name: String) throws(TranslationError) {
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard !line.hasPrefix("#"), line.contains(where: { !$0.isWhitespace }) else { continue }
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(Self.tidied)
            if languages.isEmpty {
                languages = cells.map(languageCode)
                guard languages.count > 1, !languages.contains("") else {
                    throw .badPhrases("\(name), line \(number + 1): it names no two languages.")
                }
            } else {
                guard cells.count <= languages.count else {
                    throw .badPhrases(
                        "\(name), line \(number + 1): \(cells.count) phrases for \(languages.count) languages."
                    )
                }
                add(cells)
            }
        }
    }

    /// What the whole of a text becomes, if it is a phrase. Case and end marks do not count; an end mark is for the
    /// caller to put back.
    func phrase(_ text: String, from: String, to: String) -> Found? {
        let key = Self.key(text)
        if let whole = cell(of: phrases[from]?[key] ?? [], to) { return .whole(whole) }
        for pattern in patterns[from] ?? [] {
            guard key.hasPrefix(pattern.before), key.hasSuffix(pattern.after),
                key.count > pattern.before.count + pattern.after.count, let target = cell(of: [pattern.row], to)
            else { continue }
            let parts = Self.parts(target)
            // Out of the text as written, whose names have capitals.
            let words = Self.withoutEnd(text).dropFirst(pattern.before.count).dropLast(pattern.after.count)
            return .around(words: String(words), before: parts.before, after: parts.after)
        }
        return nil
    }

    private mutating func add(_ cells: [String]) {
        rows.append(cells)
        for (language, cell) in zip(languages, cells) where !cell.isEmpty {
            let key = Self.key(cell)
            if key.contains("…") {
                let parts = Self.parts(key)
                let pattern = Pattern(before: parts.before, after: parts.after, row: rows.count - 1)
                patterns[language, default: []].append(pattern)
            } else {
                phrases[language, default: [:]][key, default: []].append(rows.count - 1)
            }
        }
    }

    private func cell(of rows: [Int], _ language: String) -> String? {
        guard let column = languages.firstIndex(of: language) else { return nil }
        return rows.lazy.map { self.rows[$0] }.first { $0.count > column && !$0[column].isEmpty }?[column]
    }

    // MARK: - Forms

    private static func parts(_ phrase: String) -> (before: String, after: String) {
        let dots = phrase.firstIndex(of: "…") ?? phrase.endIndex
        return (String(phrase[..<dots]), String(phrase[dots...].dropFirst()))
    }

    private static func tidied(_ cell: Substring) -> String {
        cell.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// How phrases are compared: small letters, straight quotes, single spaces, no end mark.
    private static func key(_ text: String) -> String {
        withoutEnd(text).lowercased().replacing("’", with: "'")
    }

    /// Each character of it is one of the key, so that positions are the same in both.
    private static func withoutEnd(_ text: String) -> String {
        let words = tidied(text[...])
        let end = words.lastIndex { !".!?¡¿:".contains($0) }.map { words.index(after: $0) } ?? words.startIndex
        return String(words[..<end].drop { "¡¿".contains($0) })
    }
}
