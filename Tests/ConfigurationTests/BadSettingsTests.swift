import Configuration
import Testing

/// One configuration that must stop the start, and what the problem must say.
struct BadSetting: Sendable, CustomTestStringConvertible {
    let layers: SettingsLayers
    /// Every one of them stands in the one problem.
    let says: [String]

    static func file(_ text: String, _ says: String...) -> BadSetting {
        BadSetting(layers: SettingsLayers(file: text), says: says)
    }
    static func variable(_ name: String, _ value: String, _ says: String...) -> BadSetting {
        BadSetting(layers: SettingsLayers(environment: [name: value]), says: [name] + says)
    }
    static func dotenv(_ text: String, _ says: String...) -> BadSetting {
        BadSetting(layers: SettingsLayers(dotenv: text), says: says)
    }
    var testDescription: String { says.joined(separator: " … ") }
}

@Suite struct BadSettingsTests {
    static let cases: [BadSetting] = [
        .file("images:\n  webp_quality: 0", "images.webp_quality", "line 2", "\"0\"", "from 1 to 100"),
        .file("images:\n  webp_quality: 85.5", "images.webp_quality", "85.5", "whole number"),
        .file("images:\n  webp_quality: [1, 2]", "images.webp_quality", "[1, 2]", "whole number"),
        .file("images:\n  webp_quality:\n    deep: {er: 1}", "images.webp_quality", "nested", "whole number"),
        .file("images: {webp_qualty: 85}", "images.webp_qualty", "\"85\"", "did you mean images.webp_quality"),
        .file("webp_quality: 85", "webp_quality", "did you mean images.webp_quality"),
        .file("accounts: {secrt: hush-hush}", "accounts.secrt", "did you mean accounts.secret?"),
        .file("zebra: 1", "zebra", "no setting."),
        .file("images: 5", "images", "no setting"),
        .file("server:\n  timeout: 60 parsecs", "server.timeout", "60 parsecs", "60s"),
        .file("server:\n  timeout: -5s", "server.timeout", "-5s"),
        .file("server:\n  timeout: 2h", "server.timeout", "2h", "1ms to 1h"),
        .file("server:\n  host: not a host", "server.host", "not a host", "a host name or an address"),
        .file("server:\n  host: \"a\\nb\"", "server.host", "a\u{FFFD}b"),
        .file("images:\n  types: []", "images.types", "1 to 3 entries"),
        .file("images:\n  types: [image/png, text/html]", "images.types", "text/html", "a picture type"),
        .file("images:\n  sizes: {small: 9000}", "images.sizes", "9000", "1 to 8192"),
        .file("images:\n  sizes: {SMALL: 90}", "images.sizes", "SMALL", "small letters"),
        .file("images: &x {ratio: 1}", "pictor.yaml line 1", "anchor"),
        .file("images: !!map {ratio: 1}", "pictor.yaml line 1", "tag"),
        .file("images:\n  ratio: 0.1\n  ratio: 0.2", "pictor.yaml line 3", "repeats the key ratio", "line 2"),
        .file("images:\n  ratio: 0.1\nimages:\n  ratio: 0.2", "pictor.yaml line 3", "repeats the key images"),
        .file("images:\n\tratio: 0.1", "pictor.yaml line 2", "tab"),
        .file("images: {ratio: 1", "pictor.yaml line", "not valid YAML"),
        .file("images: {ratio: 1}\n---\nimages: {ratio: 0}", "pictor.yaml line 2", "second document"),
        .file("- a\n- b", "pictor.yaml", "sections"),
        .file("just text", "pictor.yaml", "sections"),
        .variable("PICTOR_IMAGES_WEBP_QUALITY", "high", "images.webp_quality", "\"high\"", "from 1 to 100"),
        .variable("WEBP_QUALITY", "101", "images.webp_quality", "101"),
        .variable("PICTOR_IMAGES_RATIO", "nan", "images.ratio", "nan", "0.0 to 1.0"),
        .variable("PICTOR_IMAGES_IS_ENABLED", "maybe", "images.is_enabled", "maybe", "true or false"),
        .variable("LOG_LEVEL", "loud", "log.level", "loud", "one of debug, info, warning"),
        .variable("PICTOR_IMAGES_KINDS", "jpeg,bmp", "images.kinds", "jpeg,bmp", "jpeg, png, webp"),
        .variable("PICTOR_IMAGES_KINDS", "jpeg,jpeg", "images.kinds"),
        .variable("MAX_UPLOAD_SIZE_MB", "ten", "images.max_upload", "ten", "a number of megabytes"),
        .variable("MAX_UPLOAD_SIZE_MB", "0", "images.max_upload", "0", "1 to 1GiB"),
        .variable("TIMEOUT_MINUTES", "-1", "server.timeout", "a number of minutes"),
        .variable("PICTOR_IMAGES_MAX_UPLOAD", "10 elephants", "images.max_upload", "10 elephants", "10MB or 64KiB"),
        .variable("PICTOR_IMAGES_MAX_UPLOAD", "9999999999999999999GB", "images.max_upload"),
        .variable("IMAGE_SIZES", "{\"small\": 1", "images.sizes", "{\"small\": 1"),
        .variable("IMAGE_SIZES", "{\"small\": 1, \"small\": 2}", "images.sizes"),
        .variable("ALLOWED_MIME_TYPES", "[\"image/png\"", "images.types"),
        .variable("PICTOR_IMAGES_WEBP_QUALTY", "85", "\"85\"", "did you mean PICTOR_IMAGES_WEBP_QUALITY"),
        .variable("PICTOR_ACCOUNTS_SECRT", "hush-hush", "did you mean PICTOR_ACCOUNTS_SECRET"),
        .variable("PICTOR_PORT", "8080", "no setting"),
        .variable("REDIS_URL", "http://:hush-hush@host", "shared.url", "http://****@host", "redis:// or rediss://"),
        .variable("JWT_SECRET_KEY", "short", "accounts.secret", "5 bytes", "8 to 64 bytes"),
        .variable("JWT_SECRET_KEY_FILE", "/nonexistent/secret", "accounts.secret", "does not exist"),
        .variable("PICTOR_DATA_FOLDER", String(repeating: "x", count: 5000), "data.folder", "4095"),
        .dotenv("A=1\nthis is no line", ".env line 2", "NAME=value"),
        .dotenv("A=\"open", ".env line 1", "closing quote"),
        .dotenv("A='x' y", ".env line 1", "after the closing quote"),
        .dotenv("1A=x", ".env line 1", "no valid name"),
        .dotenv("# c\n\nWEBP_QUALITY=200", "images.webp_quality", ".env line 3", "200"),
    ]

    @Test("a bad setting is one problem that names the key, the value and what is allowed", arguments: cases)
    func badSetting(bad: BadSetting) {
        let problems = read(bad.layers).problems
        #expect(problems.count == 1, "\(problems)")
        for part in bad.says { #expect(problems.first?.contains(part) == true, "\(part) is missing in \(problems)") }
        #expect(!problems.joined().contains("hush-hush"))
    }

    @Test func allProblemsComeAtOnce() throws {
        let reader = SettingsReader(
            SettingsLayers(
                file: "images: {webp_quality: 0, colour: red}",
                dotenv: "nonsense",
                environment: ["PICTOR_IMAGES_RATIO": "2", "PICTOR_ZEBRA": "1"],
            )
        )
        let settings = SampleSettings(reader)
        reader.report("server.host", "server.host and server.public_url exclude each other.")
        let error = try #require(throws: SettingsError.self) { try reader.finish() }
        #expect(
            error.problems.map(\.key) == [
                ".env", "images.webp_quality", "images.ratio", "server.host", "images.colour", "PICTOR_ZEBRA",
            ]
        )
        #expect(error.description.split(separator: "\n").count == 7)
        #expect(settings.quality == 85, "a bad value leaves the default")
        #expect(SettingsError.exitCode == 78)
    }
}
