import Testing

@testable import Configuration

@Suite struct DotEnvTests {
    @Test(
        "a line of .env means what a shell user expects",
        arguments: [
            ("A=b", "b"), ("A = b ", "b"), ("export A=b", "b"), ("A=b # comment", "b"), ("A=b#c", "b#c"), ("A=#c", ""),
            ("A=\"b # c\"", "b # c"), ("A='b \\n $X'", "b \\n $X"), ("A=\"b\\n\\\"c\\\"\\$X\"", "b\n\"c\"$X"),
            ("A=$X", "$X"), ("A=\"b\" # c", "b"), ("A=b=c", "b=c"), ("A=", ""), ("A=''", ""), ("A=it's", "it's"),
            ("A=\"\\x\"", "\\x"),
        ],
    )
    func line(text: String, value: String) {
        let (entries, problems) = DotEnvReader.read(text, file: ".env")
        #expect(problems == [])
        #expect(entries.map(\.name) == ["A"])
        #expect(entries.first?.value == value)
    }

    @Test func theLastOfRepeatedNamesHolds() {
        let (entries, _) = DotEnvReader.read("A=1\nB=2\r\nA=3", file: ".env")
        #expect(entries.map { "\($0.name)=\($0.value)@\($0.line)" } == ["B=2@2", "A=3@3"])
    }
}

@Suite struct SettingUnitsTests {
    @Test(
        "durations",
        arguments: [
            ("250ms", 250), ("60s", 60_000), ("5m", 300_000), ("5min", 300_000), ("1.5h", 5_400_000),
            ("7d", 604_800_000),
            ("60", 60_000), ("0.25", 250), ("0", 0), ("5 s", 5000),
        ] as [(String, Int64)],
    )
    func duration(text: String, milliseconds: Int64) {
        #expect(SettingUnits.duration(text) == .milliseconds(milliseconds))
    }

    @Test(
        "no durations",
        arguments: ["", "s", "-1s", "1.s", "1..5s", "1 fortnight", "1  s", "1e3", "inf", "٣s", "1s2", "9e9d"],
    )
    func noDuration(text: String) { #expect(SettingUnits.duration(text) == nil) }

    @Test(
        "sizes",
        arguments: [
            ("10MB", 10_000_000), ("10MiB", 10_485_760), ("64KiB", 65_536), ("1kb", 1000), ("0", 0), ("5B", 5),
            ("1.5GiB", 1_610_612_736), ("2 TB", 2_000_000_000_000),
        ],
    )
    func bytes(text: String, count: Int) {
        #expect(SettingUnits.bytes(text) == count)
        #expect(SettingUnits.bytes(SettingUnits.text(bytes: count)) == count)
    }

    @Test("no sizes, among them the ambiguous 10M", arguments: ["", "10M", "-1", "1XB", "99999999TB", "nan", "1e3"])
    func noBytes(text: String) { #expect(SettingUnits.bytes(text) == nil) }

    @Test(
        "a duration is printed in the largest unit that leaves no rest",
        arguments: [
            (0, "0s"), (1, "1ms"), (1500, "1500ms"), (90_000, "90s"), (3_600_000, "1h"), (172_800_000, "2d"),
        ] as [(Int64, String)],
    )
    func print(milliseconds: Int64, text: String) {
        #expect(SettingUnits.text(.milliseconds(milliseconds)) == text)
    }
}

@Suite struct SettingNameTests {
    @Test(
        "edits between two names",
        arguments: [
            ("", "abc", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("kitten", "sitting", 3), ("a", "", 1),
        ],
    )
    func distance(left: String, right: String, edits: Int) {
        #expect(SettingName.distance(left, right) == edits)
        #expect(SettingName.distance(right, left) == edits)
    }

    @Test func keysAndVariables() {
        #expect(SettingName.variable("images.webp_quality") == "PICTOR_IMAGES_WEBP_QUALITY")
        for bad in ["", "a.", ".a", "A", "a-b", "a..b", "1a"] { #expect(!SettingName.isKey(bad)) }
    }
}
