/// What Tesseract needs to read a language whose letters are not Latin.
enum ReadingData {
    private static let cyrillic = ["be": "bel", "bg": "bul", "mk": "mkd", "ru": "rus", "sr": "srp", "uk": "ukr"]
    private static let arabic = ["ar": "ara", "fa": "fas", "ur": "urd"]
    private static let alone = [
        "bn": "ben", "el": "ell", "he": "heb", "hi": "hin", "ja": "jpn", "ko": "kor", "th": "tha",
        "zh-Hans": "chi_sim", "zh-Hant": "chi_tra",
    ]

    /// The package to install before a language can be read.
    ///
    /// - Parameters:
    ///   - language: Of the words on a picture.
    ///   - installed: Tesseract's names; data of another language with the same letters will do.
    /// - Returns: `nil` where it can be read.
    static func missingPackage(for language: Language, among installed: [String]) -> String? {
        let group = [cyrillic, arabic].first { $0[language.code] != nil }
        guard let own = group?[language.code] ?? alone[language.code] else { return nil }
        let fitting = group.map { Set($0.values) } ?? [own]
        guard fitting.isDisjoint(with: installed.map { $0.replacing("_vert", with: "") }) else { return nil }
        return "tesseract-ocr-" + own.replacing("_", with: "-")
    }
}
