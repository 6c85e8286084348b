import Configuration
import Testing

@Suite struct SettingsCatalogueTests {
    @Test("the listing says for each setting where its value comes from")
    func sources() throws {
        let reader = SettingsReader(
            SettingsLayers(
                file: "images:\n  ratio: 0.75\n  max_upload: 2000000",
                dotenv: "\nSTORAGE_PATH='/srv/x y'",
                environment: ["LOG_LEVEL": "debug"],
                options: [.init("--host", sets: "server.host", to: "::1")],
            )
        )
        _ = SampleSettings(reader)
        let catalogue = try reader.finish()
        #expect(catalogue["images.ratio"]?.source == .file("pictor.yaml", line: 2))
        #expect(catalogue["images.max_upload"]?.value == "2MB")
        #expect(catalogue["data.folder"]?.source == .dotenv(".env", line: 2, variable: "STORAGE_PATH"))
        #expect(catalogue["data.folder"]?.value == "/srv/x y")
        #expect(catalogue["log.level"]?.source == .environment(variable: "LOG_LEVEL"))
        #expect(catalogue["server.host"]?.source == .commandLine(option: "--host"))
        #expect(catalogue["server.timeout"]?.source == .standard)
        #expect(catalogue["server.timeout"]?.value == "1m")
        let line = try #require(catalogue.table.split(separator: "\n").first { $0.hasPrefix("images.ratio") })
        #expect(line.contains("0.75"))
        #expect(line.hasSuffix("pictor.yaml:2"))
    }

    @Test("the documentation has one row a setting with all its names")
    func markdown() throws {
        let reader = SettingsReader(SettingsLayers(environment: ["WEBP_QUALITY": "12"]))
        _ = SampleSettings(reader)
        let rows = reader.catalogue.markdown.split(separator: "\n")
        #expect(rows.count == reader.catalogue.entries.count + 2)
        #expect(
            rows.contains {
                $0 == "| `images.webp_quality` | `PICTOR_IMAGES_WEBP_QUALITY`, `WEBP_QUALITY` | `85` | "
                    + "Quality of every size. It must be a whole number from 1 to 100. |"
            }
        )
    }

    @Test("what the listing shows can be written back as it stands")
    func roundTrip() throws {
        let changed = SettingsLayers(environment: [
            "PICTOR_SERVER_TIMEOUT": "1500ms", "PICTOR_IMAGES_MAX_UPLOAD": "1.5MiB", "PICTOR_IMAGES_RATIO": "1e-3",
            "PICTOR_IMAGES_SIZES": #"{"b": 2, "a": 1}"#, "PICTOR_IMAGES_KINDS": "webp,png", "LOG_LEVEL": "Warning",
        ])
        let first = SettingsReader(changed)
        _ = SampleSettings(first)
        let listed = first.catalogue.entries.filter { !$0.isSecret && !$0.value.isEmpty }
        let second = SettingsReader(
            SettingsLayers(environment: .init(uniqueKeysWithValues: listed.map { ($0.variable, $0.value) }))
        )
        _ = SampleSettings(second)
        #expect(second.problems == [])
        #expect(second.catalogue.entries.map(\.value) == first.catalogue.entries.map(\.value))
    }
}
