import Configuration
import Kernel
import TestSupport
import Testing

@Suite struct SettingsReaderTests {
    @Test func nothingSetMeansDefaultsAndNoProblem() {
        let (settings, problems) = read(SettingsLayers())
        #expect(problems.isEmpty)
        #expect(settings.quality == 85)
        #expect(settings.publicURL == nil)
        #expect(settings.secret == nil)
    }

    @Test("a later layer wins: file, .env, environment, command line")
    func precedence() {
        var layers = SettingsLayers(file: "images: {webp_quality: 1}")
        #expect(read(layers).settings.quality == 1)
        layers = SettingsLayers(file: "images: {webp_quality: 1}", dotenv: "WEBP_QUALITY=2")
        #expect(read(layers).settings.quality == 2)
        layers = SettingsLayers(dotenv: "PICTOR_IMAGES_WEBP_QUALITY=2", environment: ["WEBP_QUALITY": "3"])
        #expect(read(layers).settings.quality == 3, "an alias in a higher layer beats the own name below")
        layers = SettingsLayers(environment: ["WEBP_QUALITY": "3", "PICTOR_IMAGES_WEBP_QUALITY": "4"])
        #expect(read(layers).settings.quality == 4, "in one layer the own name beats the alias")
        layers = SettingsLayers(
            environment: ["PICTOR_IMAGES_WEBP_QUALITY": "4"],
            options: [.init("--quality", sets: "images.webp_quality", to: "5")],
        )
        #expect(read(layers).settings.quality == 5)
    }

    @Test("every type reads from the file")
    func typesFromFile() {
        let (settings, problems) = read(
            SettingsLayers(
                file: """
                    # a comment
                    server:
                      host: "::1"
                      public_url: https://pictures.example
                      timeout: 250ms
                    log: {level: DEBUG}
                    images:
                      is_enabled: no
                      ratio: 0.25
                      max_upload: 64KiB
                      types:
                        - image/png
                        - image/webp
                      kinds: [webp, png]
                      sizes:
                        tiny: 10
                        huge: 8192
                    accounts: {secret: 0123456789}
                    shared: {url: "redis://:pass@host:1/0"}
                    data:
                    """
            )
        )
        #expect(problems == [])
        #expect(settings.host == "::1")
        #expect(settings.publicURL == "https://pictures.example")
        #expect(settings.timeout == .milliseconds(250))
        #expect(settings.level == .debug)
        #expect(!settings.isEnabled)
        #expect(settings.ratio == 0.25)
        #expect(settings.maxUpload == 65_536)
        #expect(settings.types == ["image/png", "image/webp"])
        #expect(settings.kinds == [.webp, .png])
        #expect(settings.sizes.map(\.name) == ["tiny", "huge"])
        #expect(settings.sizes.map(\.value) == [10, 8192])
        #expect(settings.secret?.reveal() == "0123456789")
        #expect(settings.redis?.reveal() == "redis://:pass@host:1/0")
    }

    @Test("the replaced system's own variables are understood in its own form")
    func aliases() {
        let (settings, problems) = read(
            SettingsLayers(environment: [
                "MAX_UPLOAD_SIZE_MB": "10", "TIMEOUT_MINUTES": "1.5", "LOG_LEVEL": "INFO",
                "STORAGE_PATH": "/data/storage",
                "ALLOWED_MIME_TYPES": #"["image/jpeg", "image/png"]"#,
                "IMAGE_SIZES": #"{"thumbnail": 150, "original": 4096, "large": 1200}"#,
            ])
        )
        #expect(problems == [])
        #expect(settings.maxUpload == 10_485_760)
        #expect(settings.timeout == .seconds(90))
        #expect(settings.folder == "/data/storage")
        #expect(settings.types == ["image/jpeg", "image/png"])
        #expect(settings.sizes.map(\.name) == ["thumbnail", "original", "large"], "the order of writing stays")
    }

    @Test func listsInVariablesAreJSONOrCommas() {
        let layers = SettingsLayers(environment: [
            "PICTOR_IMAGES_TYPES": " image/png , image/gif,", "PICTOR_IMAGES_SIZES": "small=1, large = 2",
        ])
        let (settings, problems) = read(layers)
        #expect(problems == [])
        #expect(settings.types == ["image/png", "image/gif"])
        #expect(settings.sizes.map(\.name) == ["small", "large"])
    }

    @Test func anEmptyVariableCountsAsNotSet() {
        let layers = SettingsLayers(
            file: "images: {webp_quality: 7}",
            dotenv: "PICTOR_IMAGES_WEBP_QUALITY=",
            environment: ["WEBP_QUALITY": "", "PICTOR_ZEBRA": ""],
        )
        let (settings, problems) = read(layers)
        #expect(settings.quality == 7)
        #expect(problems == [])
    }

    @Test func anEmptyKeyOfTheFileCountsAsNotSet() {
        let (settings, problems) = read(SettingsLayers(file: "images:\n  webp_quality:\n  ratio: ~\nserver:\n"))
        #expect(problems == [])
        #expect(settings.quality == 85)
    }

    @Test("variables that Kubernetes makes for a service called pictor are no settings and no mistakes")
    func serviceLinks() {
        let links = [
            "PICTOR_PORT": "tcp://10.0.0.7:8080", "PICTOR_SERVICE_HOST": "10.0.0.7", "PICTOR_SERVICE_PORT": "8080",
            "PICTOR_SERVICE_PORT_HTTP": "8080", "PICTOR_PORT_8080_TCP": "tcp://10.0.0.7:8080",
            "PICTOR_PORT_8080_TCP_PROTO": "tcp", "PICTOR_PORT_8080_TCP_PORT": "8080",
            "PICTOR_PORT_8080_TCP_ADDR": "10.0.0.7", "PICTOR_REDIS_SERVICE_HOST": "10.0.0.8",
        ]
        #expect(read(SettingsLayers(environment: links)).problems == [])
    }

    @Test("a service called pictor-server does not set server.port")
    func serviceLinkOfASettingsName() {
        let reader = SettingsReader(SettingsLayers(environment: ["PICTOR_SERVER_PORT": "tcp://10.0.0.7:80"]))
        #expect(reader.int("server.port", 0...65_535, default: 8080, help: "Port.") == 8080)
        #expect(reader.problems == [])
    }

    @Test func unknownNamesInDotenvOnlyWarn() {
        let reader = SettingsReader(
            SettingsLayers(dotenv: "POSTGRES_DB=x\nWEBP_QUALITY=3\nPICTOR_IMAGES_RATO=1", environment: ["OTHER": "x"])
        )
        _ = SampleSettings(reader)
        #expect(reader.problems == [])
        #expect(reader.warnings.count == 2)
        #expect(reader.warnings[0].contains("POSTGRES_DB"))
        #expect(reader.warnings[1].contains("line 3"))
        #expect(reader.warnings[1].contains("did you mean PICTOR_IMAGES_RATIO"))
    }

    @Test func reservedVariablesAreKnown() {
        let reader = SettingsReader(SettingsLayers(environment: ["PICTOR_HOME": "/opt", "PICTOR_CONFIG": "x.yaml"]))
        #expect(reader.problems.map(\.key) == ["PICTOR_HOME"])
        reader.reserve("PICTOR_HOME")
        #expect(reader.problems == [])
    }

    @Test func homeIsExpandedInPaths() {
        let layers = SettingsLayers(file: "data: {folder: ~/pictures}", environment: ["HOME": "/home/ada"])
        #expect(read(layers).settings.folder == "/home/ada/pictures")
    }
}
