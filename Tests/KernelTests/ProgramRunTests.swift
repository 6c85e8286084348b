import Glibc
import Testing

@testable import Kernel

/// Programs that get bytes, give bytes and end.
@Suite(.timeLimit(.minutes(5))) struct ProgramRunTests {
    private func run(
        _ line: [String],
        _ input: String = "",
        time: Duration = .seconds(60),
        memory: Int = 1 << 30,
        output: Int = 1 << 20,
    ) throws(ProgramFailure) -> String {
        let limits = ProgramLimits(time: time, memoryBytes: memory, outputBytes: output)
        let answer = try runProgram(line, input: Array(input.utf8), environment: ["NAME": "value"], limits: limits)
        return String(decoding: answer, as: UTF8.self)
    }

    /// What is expected to fail, as a word.
    private func problem(_ work: () throws(ProgramFailure) -> String) -> String {
        do throws(ProgramFailure) { return "answered \(try work())" } catch {
            switch error {
            case .failed(let said): return "failed: \(said)"
            case .late: return "late"
            case .stopped(signal: let signal): return "stopped by \(signal)"
            case .notStarted(let why): return "not started: \(why)"
            }
        }
    }

    @Test func theInputIsAFileThatMayBeReadByItsName() throws {
        #expect(try run(["/bin/cat"], "banana") == "banana")
        #expect(try run(["/bin/cat", "/dev/stdin", "/dev/stdin"], "twice ") == "twice twice ")
        #expect(try run(["/bin/cat"]) == "")
        let long = String(repeating: "0123456789", count: 300_000)
        #expect(try run(["/bin/cat"], long, output: 4 << 20) == long)
    }

    @Test func theEnvironmentIsWhatIsNamed() throws {
        #expect(try run(["/usr/bin/env"]) == "NAME=value\n")
    }

    @Test func anErrorComesWithWhatTheProgramSays() {
        #expect(
            problem { () throws(ProgramFailure) in try run(["/bin/sh", "-c", "echo no >&2; exit 3"]) } == "failed: no\n"
        )
        let missing = problem { () throws(ProgramFailure) in try run(["/nowhere/program"]) }
        #expect(missing.hasPrefix("failed: ") && missing.contains("/nowhere/program"), "\(missing)")
    }

    @Test func whoIsLateIsEndedWithWhatItStarted() throws {
        let line = ["/bin/sh", "-c", "/bin/sleep 600 & /bin/sleep 600"]
        #expect(problem { () throws(ProgramFailure) in try run(line, time: .milliseconds(50)) } == "late")
    }

    @Test func whoClosesItsErrorsAndGoesOnIsLateToo() throws {
        let line = ["/bin/sh", "-c", "exec /bin/sleep 600 2>&-"]
        #expect(problem { () throws(ProgramFailure) in try run(line, time: .milliseconds(200)) } == "late")
    }

    @Test func whatIsTooMuchIsRefusedByTheKernel() {
        let zeros = problem { () throws(ProgramFailure) in
            try run(["/usr/bin/head", "-c", "100000", "/dev/zero"], output: 1000)
        }
        #expect(zeros == "stopped by \(SIGXFSZ)")
        let memory = problem { () throws(ProgramFailure) in
            try run(["/usr/bin/head", "-c", "-1000000000", "/dev/zero"], memory: 50 << 20)
        }
        #expect(memory.hasPrefix("failed"), "\(memory)")
    }
}
