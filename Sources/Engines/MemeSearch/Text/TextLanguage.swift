/// In which language a caption is, as far as its letters and small words tell.
package enum TextLanguage {
    /// The code (ISO 639-1) of the text's language, or `nil` when it is too short to tell.
    ///
    /// A script of its own tells after two letters. Latin letters tell by the language's most frequent small words, of
    /// which two must stand there and more than of any other language.
    package static func guess(_ text: String) -> String? {
        byScript(text) ?? bySmallWords(TextFolding.folded(text))
    }

    private static func byScript(_ text: String) -> String? {
        var counts: [String: Int] = [:]
        for scalar in text.unicodeScalars {
            if let script = script(of: scalar) { counts[script, default: 0] += 1 }
        }
        // Japanese and Korean are written with Han characters too, Chinese never with theirs.
        for (code, share) in [("ja", 4), ("ko", 4)] {
            if let count = counts[code], count >= 2, count * share >= counts["zh"] ?? 0 { return code }
        }
        let latin = counts.removeValue(forKey: "latin") ?? 0
        let most = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
        // Names and `lol` are written in Latin letters everywhere.
        guard let most, most.value >= 2, most.value * 4 >= latin else { return nil }
        return most.key
    }

    private static func script(of scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0x41...0x5A, 0x61...0x7A, 0xC0...0x24F: "latin"
        case 0x370...0x3FF: "el"
        case 0x400...0x4FF: "ru"
        case 0x590...0x5FF: "he"
        case 0x600...0x6FF: "ar"
        case 0x900...0x97F: "hi"
        case 0xE00...0xE7F: "th"
        case 0x1100...0x11FF, 0xAC00...0xD7AF: "ko"
        case 0x3040...0x30FF: "ja"
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0x2_0000...0x3_134F: "zh"
        default: nil
        }
    }

    private static func bySmallWords(_ folded: String) -> String? {
        let words = Set(folded.split { $0 == " " || $0 == "\n" }.map(String.init))
        let found = smallWords.map { (code: $0.key, count: words.intersection($0.value).count) }
            .sorted { ($1.count, $0.code) < ($0.count, $1.code) }
        guard found[0].count >= 2, found[0].count > found[1].count else { return nil }
        return found[0].code
    }

    /// Folded, so without accents and apostrophes.
    private static let smallWords: [String: Set<String>] = [
        "de": set(
            "der die das und ich du nicht ist ein eine mit zu auf wenn wie was es sie wir mir mich dich von im den dem"
        ),
        "en": set(
            "the and i you not is a to of it my me when that this your for on with are was be have but im dont its"
        ),
        "es": set("el la los las y yo que no es un una de en mi por con para cuando como lo se te muy pero esta"),
        "fr": set(
            "le la les et je tu que ne pas est un une de du des en mon ma pour avec quand c ce il elle mais dans"
        ),
        "it": set("il lo gli e io tu che non un una di in mi per con quando come ma sono della del questo e anche"),
        "nl": set("de het een en ik je niet is van te dat op met voor als wat mijn zijn maar er naar die"),
        "pt": set("o a os as e eu que nao um uma de em meu minha por com para quando como mas voce se do da"),
    ]

    private static func set(_ words: String) -> Set<String> { Set(words.split(separator: " ").map(String.init)) }
}
