import Kernel
import OCR
import Web

/// What a search cannot see, and what to do about it.
struct SearchGaps: Sendable, Equatable {
    /// All memes.
    var total = 0
    /// Memes that the pipeline still works on.
    var unread = 0
    /// Memes that only their file's name can find.
    var wordless = 0
    /// Whether nothing finds by meaning.
    var lacksMeaning = false
    /// Tesseract's language that the words of the search are written in and nobody reads, with its name for people.
    var missingLanguage: (code: String, name: String)?

    static func == (left: SearchGaps, right: SearchGaps) -> Bool {
        left.sentences.map(\.description) == right.sentences.map(\.description)
    }

    /// A sentence for each gap.
    var sentences: [HTML] {
        var sentences: [HTML] = []
        if unread > 0 {
            sentences.append(
                "\(grouped(unread)) of \(grouped(total)) memes are still being read; they appear as they are."
            )
        }
        if wordless > 0 {
            let memes = wordless == 1 ? "1 meme has" : "\(grouped(wordless)) memes have"
            sentences.append("\(memes) no words that could be found. <a href=\"/memes/label\">Tag them quickly</a>.")
        }
        if let (code, name) = missingLanguage {
            let package = "tesseract-ocr-" + code.replacing("_", with: "-")
            sentences.append(
                "\(name) is not read on pictures yet. The operator adds it: <code>apt install \(package)</code>."
            )
        }
        if lacksMeaning {
            sentences.append(
                "Memes are found by their words, not by their meaning: no embedding model has read this library."
            )
        }
        return sentences
    }

    /// The gaps as a list; nothing when there are none.
    var html: HTML? {
        guard !sentences.isEmpty else { return nil }
        return """
            <div class="gaps"><h2>What this search cannot see</h2>\
            <ul>\(sentences.map { "<li>\($0)</li>" as HTML })</ul></div>
            """
    }
}

/// The language of a text in a script of its own, if none of `languages` (Tesseract's names) reads it. English when
/// nothing is read at all.
func missingLanguage(for text: String, among languages: [String]) -> (code: String, name: String)? {
    for (range, codes, name) in scripts where text.unicodeScalars.contains(where: { range.contains($0.value) }) {
        return codes.contains(where: languages.contains) ? nil : (codes[0], name)
    }
    return languages.isEmpty ? ("eng", "English") : nil
}

/// Kana before Han: Japanese is written with both.
private let scripts: [(ClosedRange<UInt32>, [String], String)] = [
    (0x3041...0x30FF, ["jpn", "jpn_vert"], "Japanese"),
    (0x3400...0x9FFF, ["chi_sim", "chi_tra", "jpn"], "Chinese"),
    (0xAC00...0xD7A3, ["kor"], "Korean"),
    (0x0400...0x04FF, ["rus", "ukr", "bul", "srp"], "Russian"),
    (0x0370...0x03FF, ["ell"], "Greek"),
    (0x0590...0x05FF, ["heb"], "Hebrew"),
    (0x0600...0x06FF, ["ara", "fas"], "Arabic"),
    (0x0900...0x097F, ["hin", "mar", "nep"], "Hindi"),
    (0x0E00...0x0E7F, ["tha"], "Thai"),
]
