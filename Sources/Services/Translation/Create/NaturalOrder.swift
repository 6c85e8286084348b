extension Sequence<String> {
    /// In the order in which people count and turn pages: `page 2` before `page 10`, whatever the capitals, and what lies
    /// in a folder together.
    package func inNaturalOrder() -> [String] {
        map { (key: naturalKey($0), name: $0) }.sorted { ($0.key, $0.name) < ($1.key, $1.name) }.map(\.name)
    }
}

/// A text whose order is that of the name: numbers of as many digits, and folders before anything that goes on.
private func naturalKey(_ name: String) -> String {
    var key = ""
    var digits = ""
    func endNumber() {
        guard !digits.isEmpty else { return }
        key += String(repeating: "0", count: Swift.max(0, 20 - digits.count)) + digits
        digits = ""
    }
    for character in name.lowercased() {
        if character.isASCII, character.isNumber {
            digits.append(character)
        } else {
            endNumber()
            key.append(character == "/" ? "\u{1}" : character)
        }
    }
    endNumber()
    return key
}
