import Kernel

/// Makes what a provider said fit for logs: no keys, no pictures, not long, one line.
struct Redactor: Sendable {
    private let keys: [Secret<String>]

    /// Keys shorter than 8 bytes would also blank innocent words; no provider has such.
    init(_ keys: [Secret<String>]) { self.keys = keys.filter { $0.reveal().utf8.count >= 8 } }

    func redact(_ text: String) -> String {
        var text = String(text.prefix(8192))
        for key in keys { text = text.replacing(key.reveal(), with: "****") }
        text = text.replacing(/data:[a-zA-Z0-9.+\/-]*;base64,[A-Za-z0-9+\/=]*/, with: "data:…")
        text = text.replacing(/[A-Za-z0-9+\/=]{80,}/, with: "…")
        // Providers repeat keys with a few letters masked.
        text = text.replacing(/(?:sk|key|pk|jina|AIza)[-_]?[A-Za-z0-9_*.-]{12,}/, with: "****")
        text = text.replacing(/[Bb]earer\s+\S+/, with: "Bearer ****")
        let line = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) }
        return String(String(line).prefix(300))
    }
}
