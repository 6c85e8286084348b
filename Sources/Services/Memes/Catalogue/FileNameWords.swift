/// The words of a file's name: curated collections carry their label there, scraped files a hash or a camera's counter.
///
/// - Returns: Words in the order they stand, without the ending; empty when the name says nothing.
func fileNameWords(_ name: String) -> [String] {
    let last = name.split(separator: "/").last.map(String.init) ?? name
    let stem = last.lastIndex(of: ".").map { $0 == last.startIndex ? last : String(last[..<$0]) } ?? last
    guard !isNumbering(stem) else { return [] }
    let parts = stem.split { !$0.isLetter && !$0.isNumber && $0 != "'" }.flatMap { camelCaseParts($0) }
    return parts.filter { !isCode($0) }
}

/// The words of every name that the meme's file has come with, and of the one that it has now.
func wordsOfNames(_ meme: Meme, _ texts: MemeTexts) -> String {
    let known = texts.joined(.filename).split(separator: " ").map(String.init)
    let now = fileNameWords(meme.fileName)
    return (known + now.filter { !known.contains($0) }).joined(separator: " ")
}

/// Such as `sad` and `Cat` of `sadCat`; a run of capitals stays together.
private func camelCaseParts(_ word: Substring) -> [String] {
    var parts: [String] = []
    var previous: Character?
    for character in word {
        if let before = previous, before.isLowercase, character.isUppercase || parts.isEmpty {
            parts.append(String(character))
        } else if parts.isEmpty {
            parts.append(String(character))
        } else {
            parts[parts.count - 1].append(character)
        }
        previous = character
    }
    return parts
}

/// What cameras, phones and browsers call their files.
private func isNumbering(_ stem: String) -> Bool {
    stem.wholeMatch(
        of:
            /(?i)(img|dsc|dscn|pxl|image|photo|picture|screenshot|download|unnamed|wx_camera|mmexport|vid|frame)?[-_ ]*[\d\s()_.:-]*/
    ) != nil
}

/// A hash, a UUID's part or a number: letters and digits mixed, hexadecimal of 8 digits or more, or digits alone.
private func isCode(_ word: String) -> Bool {
    let digits = word.count { $0.isNumber }
    if digits == word.count { return word.count > 4 }
    let isHexadecimal = word.allSatisfy { $0.isHexDigit }
    if isHexadecimal, word.count >= 8 { return digits > 0 || word.count >= 16 }
    return digits > 2 && word.count >= 8
}
