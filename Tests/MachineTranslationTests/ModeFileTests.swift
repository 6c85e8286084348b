import Testing

@testable import MachineTranslation

/// A mode file is read as data; nothing of it reaches a shell.
@Suite struct ModeFileTests {
    @Test func stagesAreSplitAtPipesAndAnswerAfterEachNUL() throws {
        let mode = try ModeFile("lt-proc '/a b/x.bin' | apertium-tagger -g $2 \"/t.prob\" | lt-proc $1 /g.bin\n")
        #expect(
            mode.stages == [
                ["/usr/bin/lt-proc", "-z", "/a b/x.bin"],
                ["/usr/bin/apertium-tagger", "-z", "-g", "/t.prob"],
                ["/usr/bin/lt-proc", "-z", "-g", "/g.bin"],
            ]
        )
    }

    @Test func aFlagThatIsThereIsNotAddedAgain() throws {
        #expect(try ModeFile("/usr/bin/lsx-proc -z /x.bin").stages == [["/usr/bin/lsx-proc", "-z", "/x.bin"]])
    }

    @Test(arguments: [
        "rm -rf /", "lt-proc /x.bin | sh -c 'id'", "lt-proc `id`", "lt-proc /x.bin; id", "lt-proc /x.bin && id",
        "lt-proc $(id)", "lt-proc $HOME/x.bin", "lt-proc /x.bin > /tmp/y", "lt-proc < /etc/passwd", "lt-proc 'open",
        "lt-proc | | lt-proc", "", "|", "lt-proc \\x", "lt-proc '$HOME'",
    ])
    func whatIsMoreThanWordsAndPipesIsRefused(text: String) {
        #expect(throws: ModeFile.Refused.self) { try ModeFile(text) }
    }
}
