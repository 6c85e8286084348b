/// A light stem of an English word: endings of number, tense, adverb and `-ness` fall off, so that *crying*, *cries* and
/// *cry* meet. Words of other alphabets and words under three letters stay as they are.
///
/// Light on purpose: a stem is only ever a variant with a penalty, so a missed pair costs less than a false one.
func englishStem(_ word: String) -> String {
    let letters = Array(word.utf8)
    guard letters.count >= 3, letters.allSatisfy({ (0x61...0x7A).contains($0) }) else { return word }
    var stem = letters[...]
    dropPlural(&stem)
    if stem.count > 6, dropEnding("ness", of: &stem) {
    } else if stem.count > 4, dropEnding("ing", of: &stem) || dropEnding("ed", of: &stem) {
        dropDoubled(&stem)
    } else if stem.count > 5 {
        _ = dropEnding("ly", of: &stem)
    }
    if stem.count > 3, stem.last == UInt8(ascii: "e") { stem.removeLast() }
    if stem.count > 2, stem.last == UInt8(ascii: "y") { stem[stem.endIndex - 1] = UInt8(ascii: "i") }
    return String(decoding: stem, as: UTF8.self)
}

private func dropPlural(_ stem: inout ArraySlice<UInt8>) {
    guard stem.last == UInt8(ascii: "s"), let before = stem.dropLast().last else { return }
    if stem.elementsEqual("news".utf8) || [UInt8(ascii: "s"), UInt8(ascii: "u"), UInt8(ascii: "i")].contains(before) {
        return
    }
    stem.removeLast()
    if stem.ends(with: "ie"), stem.count > 3 { stem.removeLast() }
}

/// Whether `ending` was there, and something with a vowel before it.
private func dropEnding(_ ending: StaticString, of stem: inout ArraySlice<UInt8>) -> Bool {
    guard stem.ends(with: ending.description) else { return false }
    let rest = stem.dropLast(ending.utf8CodeUnitCount)
    guard rest.contains(where: { "aeiouy".utf8.contains($0) }) else { return false }
    stem = rest
    return true
}

/// *running* → *run*, but *falling* → *fall*.
private func dropDoubled(_ stem: inout ArraySlice<UInt8>) {
    guard stem.count > 3, let last = stem.last, stem.dropLast().last == last, !"lsz".utf8.contains(last) else { return }
    stem.removeLast()
}

extension ArraySlice<UInt8> {
    fileprivate func ends(with ending: String) -> Bool { suffix(ending.utf8.count).elementsEqual(ending.utf8) }
}
