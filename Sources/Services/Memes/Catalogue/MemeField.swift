import Database
import Kernel

/// What can be said about a meme.
package enum MemeField: String, Sendable, CaseIterable, SQLBindable, SQLDecodable {
    case title, meaning, scene, subjects, emotions, template, keywords
    /// Every reading of the words on the picture, right and wrong ones: for search.
    case ocr
    /// The words on the picture as a person reads them.
    case caption
    /// The words of the file's name.
    case filename

    /// Whether its value is a list: then the text in the table is a JSON array.
    package var isList: Bool { [.subjects, .emotions, .keywords].contains(self) }
}

/// Who said it. Whoever stands higher is believed; what a person wrote is never overwritten.
package enum Provenance: String, Sendable, CaseIterable, Comparable, SQLBindable, SQLDecodable {
    case filename, ocr, vlm, human

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    package static func < (left: Provenance, right: Provenance) -> Bool { left.rank < right.rank }
}

/// One value of a field: a text, or a list where the field is one.
package struct MemeText: Sendable, Equatable {
    package let field: MemeField
    package let provenance: Provenance
    /// One element where the field is no list; none for a value that somebody emptied.
    package let values: [String]
    /// 0 to 1, where whoever said it says how sure they are.
    package var confidence: Double?

    /// A value by somebody; empty elements are left out.
    package init(_ field: MemeField, _ values: [String], by provenance: Provenance, confidence: Double? = nil) {
        self.field = field
        self.values = values.filter { !$0.isEmpty }
        self.provenance = provenance
        self.confidence = confidence
    }

    init(row: Row) throws {
        field = try row.get("field")
        provenance = try row.get("provenance")
        let text: String = try row.get("value")
        if field.isList {
            values = ((try? JSON(parsing: Array(text.utf8)))?.array ?? []).compactMap(\.string)
        } else {
            values = text.isEmpty ? [] : [text]
        }
        confidence = try row.get("confidence")
    }

    /// As it stands in the table.
    var stored: String { field.isList ? JSON(values).text : values.joined(separator: " ") }
}

/// Everything that was said about a meme; of each field the word of whoever is believed counts.
package struct MemeTexts: Sendable, Equatable {
    private var byField: [MemeField: MemeText] = [:]

    /// Takes of each field the text with the highest provenance.
    package init(_ texts: some Sequence<MemeText>) {
        for text in texts where byField[text.field].map({ $0.provenance < text.provenance }) ?? true {
            byField[text.field] = text
        }
    }

    /// The text that counts.
    package func text(_ field: MemeField) -> MemeText? { byField[field] }

    /// What counts, joined by spaces; empty when nothing was said.
    package func joined(_ field: MemeField) -> String { byField[field]?.values.joined(separator: " ") ?? "" }

    /// The elements of a list, or the text alone.
    package func values(_ field: MemeField) -> [String] { byField[field]?.values ?? [] }

    /// Fields that a person has settled.
    package var locked: [MemeField] { MemeField.allCases.filter { byField[$0]?.provenance == .human } }

    /// Whether nothing but the file's name tells of the meme.
    package var isWordless: Bool { byField.values.allSatisfy { $0.field == .filename || $0.values.isEmpty } }
}
