/// The shortest BCP-47 code of a language that is named by BCP-47 or ISO 639-3, in any case and with `_` or `-`: `eng`
/// and `EN` become `en`, `spa_MX` becomes `es-MX`. An unknown name is only tidied.
package func languageCode(_ name: String) -> String {
    let parts = name.split { $0 == "-" || $0 == "_" }
    guard let first = parts.first?.lowercased() else { return "" }
    let subtags = parts.dropFirst().map { $0.count == 2 ? $0.uppercased() : $0.lowercased() }
    return ([shortCodes[first] ?? first] + subtags).joined(separator: "-")
}

/// The code without region and variant: `pt-BR` becomes `pt`.
package func baseLanguage(_ code: String) -> String {
    String(code.prefix { $0 != "-" })
}

/// ISO 639-3 to ISO 639-1, for the languages of Apertium's pairs and some that users ask for.
private let shortCodes = [
    "afr": "af", "arg": "an", "bel": "be", "bre": "br", "bul": "bg", "cat": "ca", "dan": "da", "deu": "de", "ell": "el",
    "eng": "en", "epo": "eo", "eus": "eu", "fra": "fr", "glg": "gl", "hbs": "sh", "hin": "hi", "ind": "id", "isl": "is",
    "ita": "it", "jpn": "ja", "kor": "ko", "mkd": "mk", "nld": "nl", "nno": "nn", "nob": "nb", "nor": "no", "oci": "oc",
    "pol": "pl", "por": "pt", "ron": "ro", "rus": "ru", "slv": "sl", "spa": "es", "srd": "sc", "swe": "sv", "tha": "th",
    "ukr": "uk", "urd": "ur", "vie": "vi", "zho": "zh", "zlm": "ms",
]
