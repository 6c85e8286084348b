import Testing

@testable import OCR

/// The memes are rendered, so their words are known. `script/bench ocr` measures more of them.
@Suite(.timeLimit(.minutes(5))) struct QualityTests {
    @Test func mostWordsOfMemesAreReadAndLittleElse() async throws {
        let pictures = try await Pictures.memes.value
        let engine = try OCREngine(languages: ["eng"], width: 2)
        var (found, all, others) = (Tally(), Tally(), 0)
        for meme in try pictures.truth() {
            let recognition = try await engine.recognize(pictures.bytes(meme.file), mode: .recall)
            let read = Set(recognition.words.map { letters($0.text) })
            found.add(meme.words.count { read.contains($0) }, to: meme.style)
            all.add(meme.words.count, to: meme.style)
            others += read.subtracting(meme.words).count
        }
        #expect(found.total >= 0.87 * all.total, "\(found) of \(all)")
        let gates = ["impact": 0.97, "panel": 0.95, "colour": 0.67, "small": 0.83]
        for (style, gate) in gates {
            let (read, written) = (found.counts[style] ?? 0, all.counts[style] ?? 0)
            #expect(written >= 20, "too few of \(style) to say anything")
            // A picture that cannot be read at all may be among the few of a style here.
            #expect(Double(read) >= (gate - 0.1) * Double(written), "\(style): \(read) of \(written)")
        }
        #expect(others <= 80, "junk: \(others) words in 40 pictures")
    }

    @Test func chineseCaptionsAreReadWithoutSpaces() async throws {
        let pictures = try await Pictures.chinese.value
        try #require(
            OCREngine.installedLanguages().contains("chi_sim"),
            "apt-get install tesseract-ocr-chi-sim (script/setup --test)",
        )
        let engine = try OCREngine(languages: ["chi_sim"], width: 2)
        var (found, all) = (0, 0)
        for meme in try pictures.truth() where meme.language == "zh" {
            let text = try await engine.recognize(pictures.bytes(meme.file), mode: .recall).text
            let pairs = zip(meme.caption, meme.caption.dropFirst()).map { "\($0)\($1)" }
            found += pairs.count { text.contains($0) }
            all += pairs.count
        }
        #expect(all > 50)
        #expect(Double(found) >= 0.7 * Double(all), "\(found) of \(all) pairs of characters")
    }
}

private struct Tally: CustomStringConvertible {
    private(set) var counts: [String: Int] = [:]
    var total: Double { Double(counts.values.reduce(0, +)) }
    var description: String { "\(counts)" }

    mutating func add(_ count: Int, to style: String) { counts[style, default: 0] += count }
}
