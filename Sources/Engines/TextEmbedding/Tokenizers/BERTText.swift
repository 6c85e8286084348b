@_spi(_Unicode) import Swift  // for NFD, which FoundationEssentials lacks

/// What BERT does to a text before it looks words up: control characters go, Chinese characters and punctuation are
/// words of their own, case and accents are taken off where the model wants it.
struct BERTText: Sendable {
    let lowersCase: Bool
    let stripsAccents: Bool

    /// Calls `body` with the UTF-8 of each word and the number of its characters, until it says that it has enough.
    func words(of bytes: ArraySlice<UInt8>, _ body: (_ word: [UInt8], _ characters: Int) -> Bool) {
        var rest = bytes
        while let start = rest.firstIndex(where: { !Self.isSpace($0) }) {
            let end = rest[start...].firstIndex(where: Self.isSpace) ?? rest.endIndex
            let goesOn =
                rest[start..<end].allSatisfy { $0 < 0x80 }
                ? plainWords(of: rest[start..<end], body) : otherWords(of: rest[start..<end], body)
            guard goesOn else { return }
            rest = rest[end...]
        }
    }

    /// ASCII without spaces, the usual case.
    private func plainWords(of bytes: ArraySlice<UInt8>, _ body: ([UInt8], Int) -> Bool) -> Bool {
        var word = Word()
        for byte in bytes {
            switch byte {
            case 0..<0x20, 0x7F: continue
            case 0x41...0x5A where lowersCase: word.add(byte | 0x20)
            case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E:
                guard word.end(body), body([byte], 1) else { return false }
            default: word.add(byte)
            }
        }
        return word.end(body)
    }

    private func otherWords(of bytes: ArraySlice<UInt8>, _ body: ([UInt8], Int) -> Bool) -> Bool {
        var word = Word()
        for scalar in normalized(String(decoding: bytes, as: UTF8.self)) {
            if scalar.properties.isWhitespace {
                guard word.end(body) else { return false }
            } else if Self.isPunctuation(scalar) {
                guard word.end(body), body(Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter), 1) else {
                    return false
                }
            } else {
                word.add(scalar)
            }
        }
        return word.end(body)
    }

    private func normalized(_ text: String) -> [Unicode.Scalar] {
        var clean = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where !Self.isControl(scalar) {
            if Self.isChinese(scalar.value) {
                clean.append(contentsOf: [" ", scalar, " "])
            } else {
                clean.append(scalar)
            }
        }
        var scalars = Array(clean)
        if stripsAccents {
            scalars = String(clean)._nfd.filter { Self.category($0) != .nonspacingMark }
        }
        return lowersCase ? scalars.flatMap { $0.properties.lowercaseMapping.unicodeScalars } : scalars
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }

    /// As of Unicode 8, whose tables Hugging Face's tokenizers have: what came later has no category there.
    private static func category(_ scalar: Unicode.Scalar) -> Unicode.GeneralCategory {
        guard let age = scalar.properties.age, age.major <= 8 else { return .unassigned }
        return scalar.properties.generalCategory
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch category(scalar) {
        case .control, .format, .privateUse, .surrogate: true
        default: scalar.value == 0xFFFD
        }
    }

    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch category(scalar) {
        case .closePunctuation, .connectorPunctuation, .dashPunctuation, .finalPunctuation, .initialPunctuation,
            .openPunctuation, .otherPunctuation:
            true
        case .currencySymbol, .mathSymbol, .modifierSymbol: scalar.isASCII
        default: false
        }
    }

    /// The blocks of unified ideographs that BERT's authors listed, without 2B820–2B91F, which Hugging Face leaves out.
    private static func isChinese(_ value: UInt32) -> Bool {
        switch value {
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F,
            0x2B920...0x2CEAF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }
}

/// A word that grows.
private struct Word {
    private var bytes: [UInt8] = []
    private var characters = 0

    mutating func add(_ byte: UInt8) {
        bytes.append(byte)
        characters += 1
    }

    mutating func add(_ scalar: Unicode.Scalar) {
        bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
        characters += 1
    }

    /// Hands over the word, if there is one, and begins the next.
    mutating func end(_ body: ([UInt8], Int) -> Bool) -> Bool {
        guard !bytes.isEmpty else { return true }
        defer {
            bytes.removeAll(keepingCapacity: true)
            characters = 0
        }
        return body(bytes, characters)
    }
}
