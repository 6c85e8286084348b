import Kernel
import Testing

@testable import MachineTranslation

/// Whatever a text holds, it is language or blank in the stream, and comes back.
@Suite struct ApertiumMessageTests {
    private func stream(_ text: String) -> String {
        String(decoding: ApertiumMessage(text, number: 7).bytes.dropLast(), as: UTF8.self)
    }

    /// What a machine that changes nothing answers.
    private func echoed(_ text: String) throws -> ApertiumMessage.Answer {
        let message = ApertiumMessage(text, number: 7)
        return try message.answer(message.bytes.dropLast())
    }

    @Test func whatIsNoLanguageIsANumber() {
        #expect(stream("a [b] c.") == "a [0]b[1] c.[][=7]")
        #expect(stream("5*3 {x} #1") == "5[0]3 [1]x[2] [3]1.[][=7]")
        #expect(stream("a\n\nb  c") == "a[0]b[1]c.[][=7]")
        #expect(stream("a\0b?") == "a[0]b?[][=7]")
    }

    @Test func marksOfUnknownWordsAreTakenAwayAndCounted() throws {
        let message = ApertiumMessage("x *", number: 3)
        let answer = try message.answer(Array("El  *qux, #ser@don't [0]y.[][=3]".utf8)[...])
        #expect(answer.text == "El qux, serdon't *y")
        #expect(answer.unknown == ["qux", "ser", "don't"])
        #expect(answer.isComplete)
    }

    @Test(arguments: ["x.[][=3]", "[0][0]x.[][=3]", "[1]x.[][=3]", "[0]x[9].[][=3]"]) func whatIsLostOrTwiceIsNoticed(
        text: String
    ) throws {
        let answer = try ApertiumMessage("* x", number: 3).answer(Array(text.utf8)[...])
        #expect(answer.isComplete == text.hasPrefix("[0]x[9]"))
    }

    @Test func anAnswerToAnotherMessageIsRubbish() {
        let message = ApertiumMessage("x", number: 3)
        #expect(throws: ApertiumMessage.Rubbish.self) { try message.answer(Array("x.[][=2]".utf8)[...]) }
        #expect(throws: ApertiumMessage.Rubbish.self) { try message.answer([]) }
    }

    @Test(arguments: ["", " ", "\n", "a", "Hello. World!", "[", "]", "\\", "^a<n>$", "[]{}^$@\\/<>", "…", "👩‍👩‍👧 é"])
    func anyTextComesBack(text: String) throws {
        #expect(try echoed(text) == .init(text: text))
    }

    @Test(arguments: 0..<200)
    func anyScalarsComeBack(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed))
        let text = RandomText.any(using: &random)
        #expect(try echoed(text).text == text)
    }

    /// Only the NUL at the end ends a message, and nothing outside blanks is reserved.
    @Test(arguments: 0..<200)
    func nothingReservedStandsBare(seed: Int) {
        var random = SplitMix(state: UInt64(1_000 + seed))
        var isBlank = false
        for scalar in stream(RandomText.any(using: &random)).unicodeScalars {
            if scalar == "[" || scalar == "]" {
                #expect(isBlank == (scalar == "]"))
                isBlank.toggle()
            } else if isBlank {
                #expect(("0"..."9").contains(scalar) || scalar == "=")
            } else {
                #expect(!"{}\\^$/<>@*#~+_|\n\t\0".unicodeScalars.contains(scalar))
            }
        }
        #expect(!isBlank)
    }
}
