import Configuration
import FoundationEssentials
import TestSupport
import Testing

@Suite struct SettingsFilesTests {
    let folder: TemporaryFolder
    private var yaml: String { folder.path + "/pictor.yaml" }
    private var dotenv: String { folder.path + "/.env" }

    init() throws { folder = try TemporaryFolder() }

    private func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
        try Data(bytes).write(to: URL(filePath: path))
    }

    @Test func filesAreRead() throws {
        try write("\u{FEFF}images: {webp_quality: 11}\r\n".utf8, to: yaml)
        try write("export STORAGE_PATH=\"/a b\" # comment\r\nPICTOR_IMAGES_RATIO=0.5#no comment\r\n".utf8, to: dotenv)
        let (settings, problems) = read(.load(file: yaml, dotenv: dotenv, environment: [:]))
        #expect(settings.quality == 11)
        #expect(settings.folder == "/a b")
        #expect(problems.count == 1)
        #expect(problems.first?.contains("0.5#no comment") == true)
    }

    @Test func aFileThatIsNamedMustExist() {
        let named = SettingsLayers.load(file: yaml, dotenv: dotenv, environment: [:])
        #expect(read(named).problems == ["The file \(yaml) does not exist."])
        let inVariable = SettingsLayers.load(dotenv: dotenv, environment: ["PICTOR_CONFIG": yaml])
        #expect(read(inVariable).problems == ["The file \(yaml) does not exist."])
    }

    @Test func aMissingDotenvIsNoProblem() throws {
        try write([], to: yaml)
        #expect(read(.load(file: yaml, dotenv: dotenv, environment: [:])).problems == [])
    }

    @Test(
        "a file that is no text, or far too large, is a problem",
        arguments: [
            ([0x61, 0x3A, 0x20, 0xFF], "is not UTF-8 text"),
            (Array(repeating: 0x20, count: 1_048_577), "is larger than 1MiB"),
        ] as [([UInt8], String)],
    )
    func unusableFile(bytes: [UInt8], says: String) throws {
        try write(bytes, to: yaml)
        #expect(read(.load(file: yaml, dotenv: dotenv, environment: [:])).problems == ["The file \(yaml) \(says)."])
    }

    @Test("a document that nests without end is refused, not followed")
    func deepNesting() {
        let text = String(repeating: "[", count: 5000)
        let problems = read(SettingsLayers(file: "a: \(text)")).problems
        #expect(problems.count == 1)
        #expect(problems.first?.contains("too deeply") == true, "\(problems)")
    }

    @Test("an alias bomb is refused at once")
    func aliasBomb() {
        let lines = (1...9).map {
            "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ","))]"
        }
        let problems = read(SettingsLayers(file: "a0: &a0 x\n" + lines.joined(separator: "\n"))).problems
        #expect(problems.contains { $0.contains("anchor") })
    }
}
