import HTTPServer
import Kernel

/// What a client asks for, read from whatever form it came in.
package struct TaskRequest: Sendable {
    /// A picture on its way in; its bytes are read when they are needed, one picture after another.
    package struct Picture: Sendable {
        /// Of one in an archive with its folders.
        package let name: String
        /// Bytes that were sent for it, unpacked: 0 for a page of a document.
        let size: Int
        /// `nil` for one that is a file of its own.
        var page: Page?
        /// Gives the file; of a page it draws a PNG.
        package let read: @Sendable () async throws -> [UInt8]
    }

    /// A page of a document that was sent.
    struct Page: Sendable {
        let document: Document
        /// From 0.
        let number: Int
    }

    /// A file whose pages are pictures.
    struct Document: Sendable {
        let id: ID<Document>
        /// In bytes.
        let size: Int
        let read: @Sendable () async throws -> [UInt8]
    }

    var pictures: [Picture]
    /// What came with the pictures and is left out.
    var skipped: [SkippedFile] = []
    let target: Language
    let source: Language?
    let provider: String?
    let options: TranslationOptions
    let webhookURL: String?
    /// How long the first choice of providers is waited for; `nil` for as long as it takes.
    let patience: Duration?
    /// How long the task stays; `nil` for as long as tasks do.
    let retention: Duration?

    /// All that was sent for it, unpacked; a document counts once.
    var bytes: Int {
        let documents = Dictionary(pictures.compactMap { $0.page?.document }.map { ($0.id, $0.size) }) { size, _ in size
        }
        return documents.values.reduce(0, +) + pictures.map(\.size).reduce(0, +)
    }

    /// - Parameters:
    ///   - pictures: In order.
    ///   - fields: The text fields, by their names.
    /// - Throws: ``TranslationError/badField(name:reason:)``.
    init(_ pictures: [Picture], _ fields: [String: String]) throws {
        self.pictures = pictures
        func value(_ name: String) -> String? { fields[name].flatMap { $0.isEmpty ? nil : $0 } }
        target = try value("target_language").map { try Self.language($0, "target_language") } ?? .standard
        source = try value("source_language").flatMap { text in
            text.lowercased() == "auto" ? nil : try Self.language(text, "source_language")
        }
        provider = value("provider").flatMap { $0 == "auto" ? nil : $0 }
        options = try Self.options(value)
        webhookURL = try value("webhook_url").map(Self.webhook)
        patience = try value("deadline").map(Self.patience)
        retention = try value("retention").map(Self.retention)
    }

    private static func language(_ text: String, _ field: String) throws -> Language {
        if let language = Language(text) { return language }
        let some = Language.all.prefix(13).map(\.name).joined(separator: ", ")
        throw TranslationError.badField(
            name: field,
            reason: "Use a name or a BCP 47 code, such as \(some); GET /api/v1/translate/languages lists all.",
        )
    }

    private static func options(_ value: (String) -> String?) throws -> TranslationOptions {
        var options = TranslationOptions()
        if let text = value("tone") {
            guard let tone = TranslationOptions.Tone(rawValue: text) else {
                let known = TranslationOptions.Tone.allCases.map(\.rawValue).joined(separator: ", ")
                throw TranslationError.badField(name: "tone", reason: "Use one of \(known).")
            }
            options.tone = tone
        }
        if let text = value("strict") { options.isStrict = try flag(text, "strict") }
        if let text = value("context") { options.hasContext = try flag(text, "context") }
        if let text = value("glossary") { options.glossary = try glossary(text) }
        return options
    }

    private static func flag(_ text: String, _ field: String) throws -> Bool {
        guard let flag = Bool(parameter: text) else {
            throw TranslationError.badField(name: field, reason: "Use \(Bool.expectation).")
        }
        return flag
    }

    /// A JSON object of terms and what they become; a list names terms that stay as they are.
    private static func glossary(_ text: String) throws -> [(term: String, translation: String)] {
        let json = try? JSON(parsing: Array(text.utf8))
        let terms: [(term: String, translation: String)]? =
            switch json {
            case .object(let members): members.compactMap { term, value in value.string.map { (term, $0) } }
            case .array(let items): items.compactMap(\.string).map { ($0, $0) }
            default: nil
            }
        guard let terms, terms.count <= 500, terms.allSatisfy({ (1...200).contains($0.term.count) }) else {
            throw TranslationError.badField(
                name: "glossary",
                reason: "Use a JSON object of at most 500 terms and what they become, or a list of terms to keep.",
            )
        }
        return terms
    }

    private static func patience(_ text: String) throws -> Duration {
        guard let seconds = Int(text), (1...86_400).contains(seconds) else {
            throw TranslationError.badField(name: "deadline", reason: "Use seconds from now, 1 to 86400.")
        }
        return .seconds(seconds)
    }

    private static func retention(_ text: String) throws -> Duration {
        guard let seconds = Int(text), (60...31 * 86_400).contains(seconds) else {
            throw TranslationError.badField(name: "retention", reason: "Use seconds, from 60 to 2678400.")
        }
        return .seconds(seconds)
    }

    private static func webhook(_ text: String) throws -> String {
        let isAddress = text.hasPrefix("https://") || text.hasPrefix("http://")
        guard isAddress, text.utf8.count <= 2000, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw TranslationError.badField(name: "webhook_url", reason: "Use an address of http or https.")
        }
        return text
    }
}
