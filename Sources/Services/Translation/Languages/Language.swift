import Kernel

/// A language that words on pictures are translated from or into.
package struct Language: Sendable, Hashable {
    /// BCP 47, such as `es` or `zh-Hans`.
    package let code: String
    /// In English, as the original's clients send it, such as `Chinese (Simplified)`.
    package let name: String

    /// The code of the original's list, such as `chinese_simplified`.
    var originalCode: String {
        let words = name.lowercased().split { !$0.isLetter }
        return words.joined(separator: "_")
    }

    /// Reads a name, an original's code or a BCP 47 code, in any case; `nil` for what is not known here.
    package init?(_ text: String) {
        let wanted = text.lowercased().replacing("-", with: "_")
        let known = Self.all.first { language in
            language.name.lowercased() == text.lowercased() || language.originalCode == wanted
                || language.code.lowercased().replacing("-", with: "_") == wanted
        }
        if let known {
            self = known
        } else if let code = Self.aliases[wanted], let known = Self.all.first(where: { $0.code == code }) {
            self = known
        } else {
            return nil
        }
    }

    private init(_ code: String, _ name: String) {
        self.code = code
        self.name = name
    }

    /// What clients get who name none.
    static let standard = all[0]

    /// The original's thirteen first, in its order.
    static let all: [Language] =
        [
            ("vi", "Vietnamese"), ("en", "English"), ("ja", "Japanese"), ("ko", "Korean"),
            ("zh-Hans", "Chinese (Simplified)"), ("zh-Hant", "Chinese (Traditional)"), ("es", "Spanish"),
            ("fr", "French"), ("de", "German"), ("pt", "Portuguese"), ("ru", "Russian"), ("th", "Thai"),
            ("id", "Indonesian"),
        ].map(Language.init) + others

    private static let others: [Language] = [
        ("af", "Afrikaans"), ("an", "Aragonese"), ("ar", "Arabic"), ("ast", "Asturian"), ("be", "Belarusian"),
        ("bg", "Bulgarian"), ("bn", "Bengali"), ("br", "Breton"), ("ca", "Catalan"), ("cs", "Czech"),
        ("da", "Danish"), ("el", "Greek"), ("eo", "Esperanto"), ("et", "Estonian"), ("eu", "Basque"),
        ("fa", "Persian"), ("fi", "Finnish"), ("gl", "Galician"), ("he", "Hebrew"), ("hi", "Hindi"),
        ("hr", "Croatian"), ("hu", "Hungarian"), ("is", "Icelandic"), ("it", "Italian"), ("lt", "Lithuanian"),
        ("lv", "Latvian"), ("mk", "Macedonian"), ("ms", "Malay"), ("nb", "Norwegian Bokmål"), ("nl", "Dutch"),
        ("nn", "Norwegian Nynorsk"), ("oc", "Occitan"), ("pl", "Polish"), ("pt-BR", "Portuguese (Brazil)"),
        ("ro", "Romanian"), ("sc", "Sardinian"), ("sk", "Slovak"), ("sl", "Slovenian"), ("sr", "Serbian"),
        ("sv", "Swedish"), ("tr", "Turkish"), ("uk", "Ukrainian"), ("ur", "Urdu"),
    ].map(Language.init)

    /// Codes that others write for the same.
    private static let aliases = [
        "zh": "zh-Hans", "zh_cn": "zh-Hans", "zh_tw": "zh-Hant", "zh_hk": "zh-Hant", "no": "nb", "pt_pt": "pt",
        "en_us": "en", "en_gb": "en", "es_es": "es", "es_mx": "es",
    ]
}
