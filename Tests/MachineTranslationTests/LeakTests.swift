import FoundationEssentials
import Glibc
import Testing

@testable import MachineTranslation

/// Nothing outlives the translator or the program, whatever the end.
@Suite(.timeLimit(.minutes(10))) struct LeakTests {
    @Test func aDroppedTranslatorLeavesNoProcessAndNoDescriptor() async {
        await #expect(processExitsWith: .success) {
            let count = { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
            var before = 0
            for round in 0..<4 {
                let translator = try installedTranslator()
                _ = try await translator.translate(["The dog is big."], from: "en", to: "pt")
                var processes = translator.processes
                kill(processes[2], SIGKILL)
                _ = try await translator.translate(["The dog is big."], from: "en", to: "pt")
                processes += translator.processes
                _ = consume translator
                await untilGone(processes)
                let now = try count()
                // The first round opens what stays, such as the pool's.
                if round == 0 { before = now }
                guard now <= before else { exit(1) }
            }
        }
    }

    @Test func killingTheProgramKillsTheMachineStoppedStagesToo() async throws {
        let result = await #expect(processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]) {
            let translator = try installedTranslator()
            _ = try await translator.translate(["The dog is big."], from: "en", to: "es")
            let processes = translator.processes
            kill(processes[4], SIGSTOP)
            print(processes.map { "stage \($0)" }.joined(separator: "\n"))
            fflush(nil)
            kill(getpid(), SIGKILL)
        }
        let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        let processes = output.split(separator: "\n").compactMap { line in
            line.hasPrefix("stage ") ? Int32(line.dropFirst(6)) : nil
        }
        #expect(processes.count > 5)
        await untilGone(processes)
    }
}
