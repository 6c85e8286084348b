/// The words of a file's name: curated collections carry their label there, scraped files a hash or a camera's counter.
///
/// - Returns: Words in the order they stand, without folders and ending; empty when the name says nothing.
package func fileNameWords(_ name: String) -> [String] {
    let last = name.split(separator: "/").last ?? ""
    let stem = last.lastIndex(of: ".").map { $0 == last.startIndex ? last : last[..<$0] } ?? last
    let parts = stem.split { !$0.isLetter && !$0.isNumber && $0 != "'" }.flatMap(camelCaseParts)
    return parts.filter { !isCode($0) && !machineWords.contains($0.lowercased()) }.map(String.init)
}

/// What cameras, phones, browsers and people in a hurry call their files.
private let machineWords: Set<String> = [
    "img", "image", "pic", "picture", "photo", "dsc", "dscn", "pxl", "screenshot", "screen", "shot", "scan", "download",
    "unnamed", "untitled", "file", "frame", "mmexport", "wx", "camera", "vid", "copy", "final", "tmp", "temp", "meme",
]

/// A number, a hash or a part of one: digits, or hexadecimal that is too long for a word.
private func isCode(_ word: Substring) -> Bool {
    word.contains(where: \.isNumber) || word.count >= 16 && word.allSatisfy(\.isHexDigit)
}

/// `tiredCat` → `tired`, `Cat`; a run of capitals stays together.
private func camelCaseParts(_ word: Substring) -> [Substring] {
    var parts: [Substring] = []
    var start = word.startIndex
    for (index, next) in zip(word.indices, word.indices.dropFirst())
    where word[index].isLowercase && word[next].isUppercase {
        parts.append(word[start..<next])
        start = next
    }
    return parts + [word[start...]]
}
