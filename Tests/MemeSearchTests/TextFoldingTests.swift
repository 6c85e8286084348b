import Kernel
import Testing

@testable import MemeSearch

@Suite struct TextFoldingTests {
    static let casesCases: [(text: String, folded: String)] = [
        ("Crème BRÛLÉE", "creme brulee"),
        ("don’t DON'T dont", "dont dont dont"),
        ("ＦＵＬＬ　ｗｉｄｔｈ１", "full width1"),
        ("Straße Æsir Øl Łódź", "strasse aesir ol lodz"),
        ("Ёлка й", "елка и"),
        ("we\u{200B}ird\u{AD} \u{202E}bidi", "weird bidi"),
        ("I love猫cats", "i love 猫 cats"),
        ("我不能随便谈论, OK?", "我不能随便谈论 ok"),
        ("so tired 😂😂 of this 👍🏽", "so tired 😂 😂 of this 👍"),
        ("हिन्दी", "हिन्दी"),
        ("a-b_c.d/e", "a b c d e"),
        ("\u{0}\u{1}\n\t  ", ""),
        ("İstanbul", "istanbul"),
        ("e\u{301}", "e"),
    ]

    @Test("text is folded to plain words", arguments: casesCases)
    func folds(text: String, folded: String) {
        #expect(TextFolding.folded(text) == folded)
    }

    @Test func foldingTwiceChangesNothing() {
        var chance = SplitMix(state: 1)
        for _ in 0..<2000 {
            let text = hostileText(&chance)
            let once = TextFolding.folded(text)
            #expect(TextFolding.folded(once) == once, "\(text.debugDescription)")
        }
    }

    @Test func cjkRunsAreCutIntoBigramsAndSingleCharacters() {
        #expect(queryTokens("谈论一 x") == [.characters("谈论"), .characters("论一"), .word("x")])
        #expect(queryTokens("猫") == [.characters("猫")])
        let (terms, length) = documentTerms("谈论 ok")
        #expect(terms == ["谈论", "谈", "论", "ok"])
        #expect(length == 2)
    }

    @Test func trigramsCrossWordsButNotCJK() {
        #expect(trigrams("ab").count == 2)
        #expect(Set(trigrams("ab c")).count == 4)
        #expect(trigrams("谈论").isEmpty)
        #expect(trigrams("a 谈 b").count == 2)
    }

    static let stemsCases: [(words: [String], stem: String)] = [
        (["cry", "cries", "crying", "cried"], "cri"),
        (["run", "running", "runs"], "run"),
        (["make", "making", "makes"], "mak"),
        (["happy", "happiness"], "happi"),
        (["boss"], "boss"), (["bus"], "bus"), (["news"], "news"), (["thing"], "thing"), (["пять"], "пять"),
    ]

    @Test("words with different endings share a stem", arguments: stemsCases)
    func stems(words: [String], stem: String) {
        #expect(words.map(englishStem) == words.map { _ in stem })
    }

    @Test func emotionsAreKnownInEnglishAndChinese() {
        #expect(Emotion.named("Exhausted")?.name == "tired")
        #expect(Emotion.named("crying")?.name == "crying")
        #expect(Emotion.named("累")?.name == "tired")
        #expect(Emotion.all(in: TextFolding.folded("我好累 so happy")).map(\.name) == ["happy", "tired"])
        #expect(Emotion.named("table") == nil)
        #expect(Emotion.all.count >= 40)
    }

    static let fileNamesCases: [(name: String, words: String)] = [
        ("memes/tired-cat_onMonday.jpg", "tired cat on Monday"),
        ("IMG_20250101_123456.jpg", ""),
        ("550e8400-e29b-41d4-a716-446655440000.png", ""),
        ("生气-猫.gif", "生气 猫"), ("sadCat_final (2).webp", "sad Cat"), ("feedfacecafebeef.png", ""), ("", ""),
        ("NASA launch.gif", "NASA launch"), (".hidden", "hidden"), ("don't panic.png", "don't panic"),
    ]

    @Test("file names give words only where a person wrote them", arguments: fileNamesCases)
    func fileNames(name: String, words: String) {
        #expect(fileNameWords(name).joined(separator: " ") == words)
    }
}

/// Text of up to 40 scalars from corners of Unicode and of the query language.
func hostileText(_ chance: inout SplitMix) -> String {
    let pieces = [
        "\"", "“", "”", "-", "−", "*", "NEAR(", "AND", "OR", "'", ":", "：", "tag:", "color:", "ratio:", "text:", "lib:",
        "type:", "emotion:", ",", " ", "\t", "\n", "\u{0}", "\u{200B}", "\u{202E}", "\u{FEFF}", "😂", "👩‍👩‍👧", "e\u{301}",
        "谈",
        "论", "ｱ", "Ａ", "ß", "İ", "a", "tired", "16:9", ">1", "<", "nan", "inf", "1e999", "%", ";DROP", "\\", "(", ")",
        "ก็", "हिन्", "\u{1F3FD}", "🇩🇪",
    ]
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...20, using: &chance) {
        if Int.random(in: 0..<6, using: &chance) == 0 {
            let value = UInt32.random(in: 0...0x10FFFF, using: &chance)
            if let scalar = Unicode.Scalar(value) { text.append(scalar) }
        } else {
            text.append(contentsOf: (pieces.randomElement(using: &chance) ?? "").unicodeScalars)
        }
    }
    return String(text)
}
