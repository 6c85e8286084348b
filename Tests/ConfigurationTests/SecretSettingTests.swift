import Configuration
import FoundationEssentials
import Kernel
import TestSupport
import Testing

@Suite struct SecretSettingTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func file(_ text: String) throws -> String {
        let path = folder.path + "/secret"
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    @Test(
        "a secret is read from a file; the line end after it does not count",
        arguments: [
            "PICTOR_ACCOUNTS_SECRET_FILE", "JWT_SECRET_KEY_FILE",
        ],
    )
    func fromFile(variable: String) throws {
        let layers = SettingsLayers(environment: [variable: try file("s3cret with blank \r\n")])
        let (settings, problems) = read(layers)
        #expect(problems == [])
        #expect(settings.secret?.reveal() == "s3cret with blank ")
    }

    @Test func fromFileNamedInTheYAML() throws {
        let (settings, problems) = read(SettingsLayers(file: "accounts: {secret_file: \(try file("from the file"))}"))
        #expect(problems == [])
        #expect(settings.secret?.reveal() == "from the file")
    }

    @Test("a file in a higher layer beats a text in a lower one, and the other way round")
    func layersDecide() throws {
        let path = try file("from the file")
        let higherFile = SettingsLayers(
            file: "accounts: {secret: from the yaml}",
            environment: ["JWT_SECRET_KEY_FILE": path],
        )
        #expect(read(higherFile).settings.secret?.reveal() == "from the file")
        let higherText = SettingsLayers(
            file: "accounts: {secret_file: \(path)}",
            environment: ["JWT_SECRET_KEY": "from the variable"],
        )
        #expect(read(higherText).settings.secret?.reveal() == "from the variable")
    }

    @Test func textAndFileInOneLayerIsAProblem() throws {
        let layers = SettingsLayers(environment: [
            "PICTOR_ACCOUNTS_SECRET": "directly!", "JWT_SECRET_KEY_FILE": try file("from the file"),
        ])
        let problems = read(layers).problems
        #expect(problems.count == 1)
        #expect(problems.first?.contains("only one of them") == true)
    }

    @Test(
        "a useless file is a problem that names it",
        arguments: [("", "empty"), ("\n\n", "empty"), ("short", "5 bytes")],
    )
    func uselessFile(content: String, says: String) throws {
        let problems = read(SettingsLayers(environment: ["JWT_SECRET_KEY_FILE": try file(content)])).problems
        #expect(problems.count == 1)
        #expect(problems.first?.contains(says) == true, "\(problems)")
    }

    @Test func aHugeFileIsNotReadIntoMemory() {
        let problems = read(SettingsLayers(environment: ["JWT_SECRET_KEY_FILE": "/dev/zero"])).problems
        #expect(problems.count == 1)
        #expect(problems.first?.contains("larger than 1MiB") == true, "\(problems)")
    }

    @Test func aFolderIsNoSecret() {
        let problems = read(SettingsLayers(environment: ["JWT_SECRET_KEY_FILE": folder.path])).problems
        #expect(problems.first?.contains("cannot be read") == true, "\(problems)")
    }

    @Test("no listing shows a secret, also not inside an address")
    func masked() {
        let reader = SettingsReader(
            SettingsLayers(environment: [
                "JWT_SECRET_KEY": "hush-hush-hush", "REDIS_URL": "redis://me:hush?h@sh@host:6379/0?password=hush",
            ])
        )
        let settings = SampleSettings(reader)
        let catalogue = reader.catalogue
        #expect(settings.redis?.reveal().contains("hush") == true)
        #expect(catalogue["accounts.secret"]?.value == "****")
        #expect(catalogue["shared.url"]?.value == "redis://****@host:6379/0?****")
        #expect(!catalogue.table.contains("hush"))
        #expect(!catalogue.markdown.contains("hush"))
        #expect(!"\(settings)".contains("hush"))
        #expect(!String(reflecting: settings).contains("hush"))
    }
}
