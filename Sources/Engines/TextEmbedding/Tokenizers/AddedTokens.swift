/// Tokens that are found in the raw text before it is cleaned, such as `[CLS]`: whoever writes one into a text gets it.
struct AddedTokens: Sendable {
    enum Part {
        case text(ArraySlice<UInt8>)
        case token(Int32)
    }

    private let tokens: [(text: [UInt8], id: Int32)]
    /// Whether a token begins with the byte.
    private var begins = [Bool](repeating: false, count: 256)

    init(_ added: [TokenizerFile.AddedToken]) {
        // The longest of those that fit is meant.
        tokens = added.map { (Array($0.content.utf8), $0.id) }.filter { !$0.0.isEmpty }
            .sorted { $0.0.count > $1.0.count }
        for token in tokens { begins[Int(token.text[0])] = true }
    }

    /// Calls `body` with the parts of a text in their order, until it says that it has enough.
    func split(_ bytes: [UInt8], _ body: (Part) -> Bool) {
        var start = 0
        var index = 0
        while index < bytes.count {
            guard begins[Int(bytes[index])], let token = tokens.first(where: { bytes[index...].starts(with: $0.text) })
            else {
                index += 1
                continue
            }
            if start < index, !body(.text(bytes[start..<index])) { return }
            guard body(.token(token.id)) else { return }
            index += token.text.count
            start = index
        }
        if start < index { _ = body(.text(bytes[start...])) }
    }
}
