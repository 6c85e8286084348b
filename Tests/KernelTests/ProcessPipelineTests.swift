import Glibc
import Testing

@testable import Kernel

/// Programs joined by pipes: they talk, and none is left behind.
@Suite(.timeLimit(.minutes(5))) struct ProcessPipelineTests {
    private static let patience: Duration = .seconds(60)

    /// Writes a text and reads until the answer has an end.
    private func exchange(_ pipeline: ProcessPipeline, _ text: String, to end: String) throws -> String {
        var sending = Array(text.utf8)[...]
        var received: [UInt8] = []
        while !sending.isEmpty || !received.suffix(4_096).contains(Array(end.utf8)) {
            try pipeline.exchange(sending: &sending, received: &received, until: .now + Self.patience)
        }
        return String(decoding: received, as: UTF8.self)
    }

    /// Nobody waits for it any more, or it is not ours.
    private func isGone(_ process: Int32) -> Bool { kill(process, 0) != 0 && errno == ESRCH }

    @Test func whatIsWrittenGoesThroughAllPrograms() throws {
        let pipeline = try ProcessPipeline([["/bin/cat"], ["/bin/sed", "-u", "s/a/b/g"]], environment: [:])
        #expect(try exchange(pipeline, "banana\nend\n", to: "end\n") == "bbnbnb\nend\n")
    }

    @Test func moreThanThePipesHoldDoesNotBlock() throws {
        let pipeline = try ProcessPipeline([["/bin/cat"], ["/bin/cat"], ["/bin/cat"]], environment: [:])
        let text = String(repeating: "0123456789", count: 200_000) + "end"
        #expect(try exchange(pipeline, text, to: "end") == text)
    }

    @Test func programsGetOnlyTheirEnvironmentAndThreeDescriptors() throws {
        let open = Glibc.open("/dev/null", O_RDONLY)  // would be inherited
        defer { close(open) }
        let pipeline = try ProcessPipeline(
            [["/bin/sh", "-c", "env | grep -v -e ^PWD -e ^_ -e ^SHLVL; ls -m /proc/$$/fd; cat"]],
            environment: ["PATH": "/usr/bin:/bin", "NAME": "value"],
        )
        let answer = try exchange(pipeline, "end\n", to: "end\n")
        #expect(answer.contains("NAME=value"))
        #expect(answer.contains("0, 1, 2\n"))
    }

    @Test func programsHaveNoSignalBlockedOrIgnored() throws {
        let line = "grep -e SigBlk -e SigIgn /proc/self/status; cat"
        let pipeline = try ProcessPipeline([["/bin/sh", "-c", line]], environment: ["PATH": "/usr/bin:/bin"])
        let answer = try exchange(pipeline, "end\n", to: "end\n")
        #expect(answer.contains("SigBlk:\t0000000000000000"))
        // Signal 32 is libc's own, and may be ignored by whoever started the tests.
        #expect(answer.contains(/SigIgn:\t00000000[08]0000000/))
    }

    @Test func aProgramThatEndsIsNoticed() throws {
        let pipeline = try ProcessPipeline([["/bin/cat"], ["/bin/true"]], environment: [:])
        #expect(throws: ProcessPipeline.Broken.ended) { try exchange(pipeline, "text", to: "text") }
    }

    @Test func silenceEndsAtTheDeadline() throws {
        let pipeline = try ProcessPipeline([["/bin/sleep", "3600"]], environment: [:])
        var (sending, received) = (ArraySlice<UInt8>(), [UInt8]())
        #expect(throws: ProcessPipeline.Broken.silent) {
            try pipeline.exchange(sending: &sending, received: &received, until: .now + .milliseconds(20))
        }
    }

    @Test func atItsEndAllProgramsAreGoneStoppedOnesToo() throws {
        let pipeline = try ProcessPipeline([["/bin/cat"], ["/bin/sleep", "3600"], ["/bin/cat"]], environment: [:])
        #expect(pipeline.processes.count == 3)
        kill(pipeline.processes[1], SIGSTOP)
        pipeline.end()
        pipeline.end()
        for process in pipeline.processes { #expect(isGone(process)) }
    }

    @Test func aPipelineThatNobodyHoldsIsEnded() throws {
        let processes = try ProcessPipeline([["/bin/cat"], ["/bin/cat"]], environment: [:]).processes
        for process in processes { #expect(isGone(process)) }
    }

    @Test func whenOneProgramIsMissingNoneRuns() {
        #expect(throws: NotStarted.self) {
            try ProcessPipeline([["/bin/cat"], ["/nonexistent/program"]], environment: [:])
        }
    }

    @Test func aProgramEndsWithTheThreadThatStartedItWhenItShall() async throws {
        let started = OneShot<Result<Int32, NotStarted>>()
        startThread(name: "short") {
            let nothing = Glibc.open("/dev/null", O_RDWR | O_CLOEXEC)
            defer { close(nothing) }
            started.fulfil(
                Result { () throws(NotStarted) in
                    try spawnProcess(
                        ["/bin/sleep", "3600"],
                        environment: [:],
                        folder: "/",
                        ProcessInheritance(streams: (nothing, nothing, nothing), endsWithThread: true),
                    )
                }
            )
        }
        let child = try await started.wait().get()
        let status = OneShot<Int32>()
        startThread(name: "wait") {
            var code: Int32 = 0
            waitpid(child, &code, 0)
            status.fulfil(code)
        }
        #expect(await status.wait() & 0x7f == SIGKILL)
    }
}
