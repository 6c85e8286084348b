import Testing

@testable import App

@Suite struct ArgumentsTests {
    private let options: [Option] = [
        .option("--port", "N", "A port."), .flag("--json", "Print JSON."),
        .option("--tag", "NAME", "A tag.", repeatable: true),
    ]

    @Test func readsOptionsSwitchesAndWords() throws {
        let arguments = try Arguments(
            ["a", "--port", "80", "--json", "--tag=x", "--tag", "y", "--", "--port"],
            options: options,
        )
        #expect(arguments.words == ["a", "--port"])
        #expect(arguments.value("--port") == "80")
        #expect(arguments.has("--json"))
        #expect(arguments.values("--tag") == ["x", "y"])
        #expect(try arguments.integer("--port", in: 1...100) == 80)
    }

    @Test(
        "wrong lines are refused with the option's name",
        arguments: [
            (["--prot", "80"], "--prot"), (["--port"], "--port"), (["--json=1"], "--json"),
            (["--port", "1", "--port", "2"], "--port"),
        ],
    )
    func refuses(line: [String], named: String) {
        #expect {
            try Arguments(line, options: options)
        } throws: { error in
            "\(error)".contains(named)
        }
    }

    @Test func numberOutsideItsRangeIsRefused() throws {
        let arguments = try Arguments(["--port", "99999"], options: options)
        #expect(throws: UsageError.self) { try arguments.integer("--port", in: 0...65_535) }
    }

    @Test func misspeltOptionGetsASuggestion() {
        #expect {
            try Arguments(["--prot"], options: options)
        } throws: { error in
            "\(error)".contains("did you mean --port?")
        }
    }
}
