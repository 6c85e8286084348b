/// Which objects of a source are pictures to take.
struct PullFilter: Sendable {
    let address: PullAddress
    let options: PullOptions
    /// In bytes.
    let maxFileBytes: Int

    private static let endings: Set<String> = ["jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif"]

    /// Whether the object is looked at: else it is not even listed.
    func isWanted(_ key: String) -> Bool {
        let name = address.relative(key)
        guard options.isRecursive || !name.contains("/") else { return false }
        guard options.include.isEmpty || options.include.contains(where: { matches(name, $0) }) else { return false }
        return !options.exclude.contains { matches(name, $0) }
    }

    /// Why an object need not be fetched; `nil` when it must be, to know.
    ///
    /// The bytes decide what is a picture. Only names that say otherwise, and that nobody asked for with a pattern, are
    /// believed: nobody wants every video fetched to learn that it is none.
    func skipReason(_ key: String, size: Int) -> PullItem.SkipReason? {
        if size == 0 || key.hasSuffix("/") { return .notImage }
        if options.include.isEmpty, let ending = ending(of: key), !Self.endings.contains(ending) { return .notImage }
        return size > maxFileBytes ? .tooLarge : nil
    }

    /// Whether the name is that of a picture, for estimates.
    func looksLikePicture(_ key: String) -> Bool { ending(of: key).map(Self.endings.contains) ?? false }

    /// In small letters; `nil` where the name has none.
    private func ending(of key: String) -> String? {
        let name = key.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
        let ending = name[name.index(after: dot)...].lowercased()
        return ending.isEmpty || ending.count > 5 ? nil : ending
    }
}

/// Whether the pattern describes the whole name: `*` stands for any characters, `/` among them, `?` for one.
func matches(_ name: some StringProtocol, _ pattern: String) -> Bool {
    let (name, pattern) = (Array(name.unicodeScalars), Array(pattern.unicodeScalars))
    var (place, position) = (0, 0)
    // Where to go back to: the last star takes one more character, and no earlier one need change.
    var star: (position: Int, place: Int)?
    while place < name.count {
        if position < pattern.count, pattern[position] == "*" {
            star = (position, place)
            position += 1
        } else if position < pattern.count, pattern[position] == "?" || pattern[position] == name[place] {
            place += 1
            position += 1
        } else if let last = star {
            star = (last.position, last.place + 1)
            position = last.position + 1
            place = last.place + 1
        } else {
            return false
        }
    }
    return pattern[position...].allSatisfy { $0 == "*" }
}
