import FoundationEssentials
import Glibc
import Kernel
import TestSupport
import Testing

@testable import MachineTranslation

/// Stages die, hang and write rubbish; texts come back or fail clearly, and nothing is left behind.
@Suite(.timeLimit(.minutes(10))) struct FaultTests {
    private let pair = LanguagePair(from: "en", to: "es")

    private func translate(
        _ translator: ApertiumTranslator,
        _ texts: [String] = ["The dog is big."],
    ) async throws -> [String] {
        try await translator.translate(texts, from: "en", to: "es").map(\.text)
    }

    @Test(arguments: [0, 4, 10]) func aStageThatDiedIsReplaced(stage: Int) async throws {
        let translator = try installedTranslator()
        _ = try await translate(translator)
        let before = translator.processes
        kill(before[stage], SIGKILL)
        #expect(
            try await translate(translator, ["The dog is big.", "The cat is big."]) == [
                "El perro es grande.", "El gato es grande.",
            ]
        )
        #expect(Set(before).isDisjoint(with: translator.processes))
        for process in before { #expect(!isRunning(process)) }
    }

    @Test func aStageThatDiesAtWorkIsReplaced() async throws {
        let translator = try installedTranslator()
        _ = try await translate(translator)
        let before = translator.processes
        kill(before[5], SIGSTOP)
        async let texts = translate(translator, ["The dog is big.", "The cat is big."])
        while translator.load.running == 0 { await Task.yield() }
        kill(before[5], SIGKILL)
        #expect(try await texts == ["El perro es grande.", "El gato es grande."])
    }

    @Test func aStageThatHangsIsKilledAtTheDeadline() async throws {
        var limits = patientLimits
        limits.answerTime = .milliseconds(200)
        let translator = try installedTranslator(limits)
        var before: [Int32] = []
        // On a busy machine the first text may be late twice; the deadline is what is tested.
        while before.isEmpty {
            _ = try? await translate(translator)
            before = translator.processes
        }
        kill(before[3], SIGSTOP)
        _ = try? await translate(translator)
        for process in before { #expect(!isRunning(process)) }
    }

    @Test(arguments: [
        ["/bin/true"], ["/bin/cat", "/dev/zero"], ["/usr/bin/yes"], ["/bin/sleep", "3600"], ["/nonexistent"],
        ["/bin/sh", "-c", "printf 'x\\0'; exec sleep 3600"],
    ])
    func aMachineThatNeverAnswersFailsClearly(stage: [String]) async throws {
        var limits = patientLimits
        limits.startTime = .milliseconds(300)
        let translator = ApertiumTranslator([pair: ModeFile(stages: [stage])], limits: limits)
        let error = await #expect(throws: TranslationError.self) { try await translate(translator) }
        #expect(error?.code == "translation_failed")
        #expect(error?.message.contains("/") == false)
        #expect(translator.processes.isEmpty)
    }

    /// It starts well, and then says everything twice.
    @Test func anAnswerThatComesTwiceIsNeverTakenForAnother() async throws {
        let stage = ["/bin/sh", "-c", "head -c 8; exec tee /dev/stdout"]
        let translator = ApertiumTranslator([pair: ModeFile(stages: [stage])], limits: patientLimits)
        for texts in [["a", "b"], ["c", "d"], ["e", "f"]] {
            #expect(try await translate(translator, texts) == texts)
        }
    }

    @Test func aPipeIsReplacedAfterItsShare() async throws {
        var limits = patientLimits
        limits.segmentsPerPipe = 2
        let translator = try installedTranslator(limits)
        _ = try await translate(translator)
        let before = translator.processes
        _ = try await translate(translator)
        #expect(translator.processes.isEmpty)
        for process in before { #expect(!isRunning(process)) }
    }

    @Test func anIdlePipeIsEndedAndStartsAgainOnDemand() async throws {
        let time = ManualTime()
        let translator = ApertiumTranslator(limits: patientLimits, time: time)
        _ = try await translate(translator)
        let before = translator.processes
        #expect(!before.isEmpty)
        let running = Task { try await translator.run() }
        await time.untilSleepers(1)
        time.advance(by: .seconds(119))
        #expect(before.allSatisfy(isRunning))
        time.advance(by: .seconds(1))
        await time.untilSleepers(1)
        await untilGone(before)
        #expect(try await translate(translator) == ["El perro es grande."])
        let after = translator.processes
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
        #expect(!after.contains(where: isRunning))
        // Whoever comes late is served, and leaves nothing.
        #expect(try await translate(translator) == ["El perro es grande."])
        #expect(translator.processes.isEmpty)
    }

    @Test func manyCallsAtOnceGetTheirOwnAnswers() async throws {
        let translator = try installedTranslator()
        let numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight"]
        let expected = ["Un", "Dos", "Tres", "Cuatro", "Cinco", "Seis", "Siete", "Ocho"]
        try await withThrowingTaskGroup { group in
            for (number, spanish) in zip(numbers, expected) {
                group.addTask {
                    let texts = (0..<50).map { "\(capitalised(number)) dogs and \($0) cats." }
                    let translations = try await translator.translate(texts, from: "en", to: "es")
                    #expect(translations.count == 50)
                    for (index, translation) in translations.enumerated() {
                        #expect(translation.text.hasPrefix(spanish))
                        #expect(translation.text.contains(" \(index) "))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(translator.processes.count <= 11 * translator.pairs.count)
    }

    @Test func aFullLineIsRefused() async throws {
        var limits = patientLimits
        (limits.pipes, limits.waiting) = (1, 0)
        let translator = ApertiumTranslator([pair: ModeFile(stages: [["/bin/cat"]])], limits: limits)
        await #expect(throws: WorkPool.Full.self) { try await translate(translator) }
    }

    @Test func aCancelledCallEnds() async throws {
        let translator = try installedTranslator()
        let call = Task { try await translate(translator, [String](repeating: "The dog is big.", count: 10_000)) }
        while translator.load.running == 0 { await Task.yield() }
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
    }
}
