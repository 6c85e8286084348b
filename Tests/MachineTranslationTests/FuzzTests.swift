import Kernel
import Testing

@testable import MachineTranslation

/// No text stops the real machine: none of its processes is replaced over it.
@Suite(.timeLimit(.minutes(10))) struct FuzzTests {
    private func check(_ texts: [String]) async throws {
        let translator = try installedTranslator()
        _ = try await translator.translate(["The dog is big."], from: "en", to: "es")
        let before = Set(translator.processes)
        let translations = try await translator.translate(texts, from: "en", to: "es")
        #expect(translations.count == texts.count)
        #expect(before.isSubset(of: translator.processes))
    }

    @Test func wordsAndSigns() async throws {
        var random = SplitMix(state: 11)
        try await check((0..<300).map { _ in RandomText.words(using: &random) })
    }

    @Test func anyScalars() async throws {
        var random = SplitMix(state: 12)
        try await check((0..<300).map { _ in RandomText.any(using: &random) })
    }

    @Test func anyBytes() async throws {
        var random = SplitMix(state: 13)
        try await check(
            (0..<300).map { _ in
                let bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                return String(decoding: bytes, as: UTF8.self)
            }
        )
    }

    @Test func oneScalarOfEachBlock() async throws {
        let scalars = stride(from: UInt32(0), to: 0x11_0000, by: 16).compactMap(Unicode.Scalar.init)
        let texts = stride(from: 0, to: scalars.count, by: 100).map { start in
            String(String.UnicodeScalarView(scalars[start..<min(start + 100, scalars.count)]))
        }
        try await check(texts)
    }

    @Test func longTexts() async throws {
        let sentence = "The quick brown fox jumps over the lazy dog, and the cat sleeps. "
        try await check([
            String(repeating: sentence, count: 700), String(repeating: "a", count: 49_000),
            String(repeating: "[", count: 49_000),
        ])
    }

    /// What is kept is there afterwards, in any company.
    @Test func whatIsKeptComesBack() async throws {
        let translator = try installedTranslator()
        var random = SplitMix(state: 14)
        let kept = ["https://x.org/a?b=[c]^d$", "me@x.org", "#tag", "@name", "$9.99"]
        let texts = (0..<200).map { _ in
            kept.map { RandomText.words(using: &random) + " " + $0 + " " }.joined()
        }
        for translation in try await translator.translate(texts, from: "en", to: "es") {
            for part in kept { #expect(translation.text.contains(part)) }
        }
    }
}
