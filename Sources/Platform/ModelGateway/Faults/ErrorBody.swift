import Kernel

/// The parts of an error body that providers share: `{"error":{"code","type","message"}}`, the same without `error`,
/// in a list of one, or a plain text.
struct ErrorBody: Sendable {
    /// Every machine code, the most exact first: `code`, `type`, `status`, in lower case.
    let codes: [String]
    let message: String
    /// Google's details.
    let details: [JSON]

    init(_ bytes: [UInt8]) {
        guard let parsed = try? JSON(parsing: bytes) else {
            self.init(codes: [], message: String(decoding: bytes.prefix(4096), as: UTF8.self), details: [])
            return
        }
        self.init(parsed)
    }

    init(_ json: JSON) {
        let root = json.array?.first ?? json
        let error = root["error"] ?? root
        let codes = [error["code"], error["type"], error["status"], root["code"]].compactMap { $0.flatMap(text) }
        let message = error.string ?? error["message"]?.string ?? error["detail"]?.string ?? root["message"]?.string
        self.init(codes: codes.map { $0.lowercased() }, message: message ?? "", details: error["details"]?.array ?? [])
    }

    private init(codes: [String], message: String, details: [JSON]) {
        self.codes = codes
        self.message = message
        self.details = details
    }

    /// The code to tell; `fallback` when there is none.
    func code(or fallback: String) -> String { codes.first ?? fallback }

    func hasCode(_ part: String) -> Bool { codes.contains { $0.contains(part) } }

    /// Whether the message has one of the words. Only where a provider has no code for it.
    func says(_ words: String...) -> Bool {
        let message = message.lowercased()
        return words.contains { message.contains($0) }
    }
}

/// A code may be a number or a text.
private func text(_ json: JSON) -> String? {
    json.string ?? json.integer.map { "\($0)" }
}
