import Configuration
import Kernel

enum SampleLevel: String, CaseIterable { case debug, info, warning }
enum SampleType: String, CaseIterable { case jpeg, png, webp }

/// A struct of settings as every module has one: defaults beside their meaning, one read each.
struct SampleSettings {
    var quality = 85
    var ratio = 0.5
    var isEnabled = true
    var host = "127.0.0.1"
    var publicURL: String?
    var level = SampleLevel.info
    var timeout = Duration.seconds(60)
    var maxUpload = 10 * 1_048_576
    var types = ["image/jpeg"]
    var kinds = [SampleType.jpeg]
    var sizes: [(name: String, value: Int)] = [("thumbnail", 150), ("large", 1200)]
    var folder = "./data"
    var secret: Secret<String>?
    var redis: Secret<String>?

    init(_ reader: SettingsReader) {
        quality = reader.int(
            "images.webp_quality",
            1...100,
            default: quality,
            aliases: ["WEBP_QUALITY"],
            help: "Quality of every size.",
        )
        ratio = reader.double("images.ratio", 0...1, default: ratio, help: "A share.")
        isEnabled = reader.bool("images.is_enabled", default: isEnabled, help: "Whether pictures are taken.")
        host = reader.string(
            "server.host",
            default: host,
            .matching(/[A-Za-z0-9.:\-]+/, "a host name or an address"),
            help: "Where to listen.",
        )
        publicURL = reader.string("server.public_url", help: "Where the world finds the server.")
        level = reader.choice("log.level", default: level, aliases: ["LOG_LEVEL"], help: "The least level written.")
        timeout = reader.duration(
            "server.timeout",
            .milliseconds(1)...(.seconds(3600)),
            default: timeout,
            aliases: [.minutes("TIMEOUT_MINUTES")],
            help: "How long a request may take.",
        )
        maxUpload = reader.bytes(
            "images.max_upload",
            1...1_073_741_824,
            default: maxUpload,
            aliases: [.mebibytes("MAX_UPLOAD_SIZE_MB")],
            help: "The largest file.",
        )
        types = reader.list(
            "images.types",
            default: types,
            count: 1...3,
            each: .matching(/image\/[a-z]+/, "a picture type"),
            aliases: ["ALLOWED_MIME_TYPES"],
            help: "Types taken.",
        )
        kinds = reader.choices("images.kinds", default: kinds, help: "Kinds taken.")
        sizes = reader.numbers(
            "images.sizes",
            1...8192,
            default: sizes,
            name: .matching(/[a-z]+/, "small letters"),
            count: 1...4,
            aliases: ["IMAGE_SIZES"],
            help: "Names and sides.",
        )
        folder = reader.path("data.folder", default: folder, aliases: ["STORAGE_PATH"], help: "Where bytes live.")
        secret = reader.secret("accounts.secret", length: 8...64, aliases: ["JWT_SECRET_KEY"], help: "Signs tokens.")
        redis = reader.url("shared.url", schemes: ["redis", "rediss"], aliases: ["REDIS_URL"], help: "Redis.")
    }
}

/// The settings, and what is wrong, in texts.
func read(_ layers: SettingsLayers) -> (settings: SampleSettings, problems: [String]) {
    let reader = SettingsReader(layers)
    let settings = SampleSettings(reader)
    return (settings, reader.problems.map(\.sentence))
}
