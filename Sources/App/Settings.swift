import Accounts
import Configuration
import HTTPServer
import Images
import Kernel
import Memes
import ModelGateway
import Telemetry
import Translation

/// Everything that can be set, read and checked at start.
struct Settings: Sendable {
    let mode: RunMode
    let serviceName: String
    let dataDirectory: String
    /// Bytes that must stay free on the disk of the data directory; below, uploads answer 507.
    let minimumFreeDisk: Int
    let logLevel: Log.Level
    let logFormat: LogSink.Format
    let workers: Int
    /// Where a process that only works answers for health and metrics; 0 for nowhere.
    let workersPort: Int
    let host: String
    let port: Int
    let publicURL: String?
    let loops: Int
    let trustedProxies: [String]
    let corsOrigins: [String]
    let allowedHosts: [String]
    /// Requests of operators that a client may send in a minute; 0 for any number.
    let adminRate: Int
    let drainGrace: Duration
    let jobLease: Duration
    let engines: EngineSettings
    let accounts: AccountsSettings
    let embedding: EmbeddingSettings
    let images: ImagesSettings
    let memes: MemesSettings
    let models: ModelGatewaySettings
    let translation: TranslationSettings
    let catalogue: SettingsCatalogue
    let warnings: [String]

    /// `isServer`: Whether the process will listen; then a weak secret is a problem.
    /// Throws: `SettingsError` with every problem.
    init(_ layers: SettingsLayers, isServer: Bool = false) throws {
        let reader = SettingsReader(layers)
        reader.reserve("PICTOR_HOME")
        mode = RunMode(reader)
        serviceName = reader.string(
            "service_name",
            default: "image-processor",
            .upTo(64),
            aliases: ["SERVICE_NAME"],
            help: "What health and dashboard call this server.",
        )
        dataDirectory = reader.path(
            "data.directory",
            default: "./data",
            help: "The folder for the database, the pictures and uploads on their way.",
        )
        minimumFreeDisk = reader.bytes(
            "data.minimum_free",
            0...(1 << 50),
            default: 268_435_456,
            help: "Room that stays free on the disk; with less, uploads answer 507.",
        )
        logLevel = reader.choice(
            "log.level",
            default: Log.Level.info,
            aliases: [.logLevel("LOG_LEVEL")],
            help: "The least level logged.",
        )
        logFormat = reader.choice(
            "log.format",
            default: LogSink.Format.human,
            aliases: [.logFormat("LOG_JSON")],
            help: "human for a terminal, json for machines.",
        )
        workers = reader.int(
            "workers.count",
            1...256,
            default: cores,
            standard: "the number of cores",
            help: "Pictures worked on at once.",
        )
        workersPort = reader.int(
            "workers.port",
            0...65_535,
            default: 0,
            help: "Where pictor worker answers for health and metrics, on server.host; 0 for nowhere.",
        )
        host = reader.string(
            "server.host",
            default: "127.0.0.1",
            .upTo(255),
            help: "The address to listen on.",
        )
        port = reader.int("server.port", 0...65_535, default: 8080, help: "The port to listen on; 0 takes a free one.")
        publicURL = reader.string(
            "server.public_url",
            .upTo(1024),
            help: "The address that others use, for absolute links.",
        )
        loops = reader.int(
            "server.loops",
            1...64,
            default: max(1, cores / 2),
            standard: "half the number of cores",
            help: "Event loops; one serves many thousand connections.",
        )
        trustedProxies = reader.list(
            "server.trusted_proxies",
            default: [],
            each: .block,
            help: "Addresses or networks whose X-Forwarded headers are believed.",
        )
        corsOrigins = reader.list(
            "server.cors_origins",
            default: [],
            help: "Origins whose pages may call the API from a browser.",
        )
        allowedHosts = reader.list(
            "server.allowed_hosts",
            default: [],
            help: "Names accepted in Host beside the loopback ones in development mode.",
        )
        adminRate = reader.int(
            "server.admin_rate_limit",
            0...10_000_000,
            default: 0,
            help:
                "Requests for what only operators see that one API key or address may send in a minute; 0 for any number.",
        )
        drainGrace = reader.duration(
            "server.drain_grace",
            .seconds(0)...(.seconds(600)),
            default: .seconds(20),
            help: "How long running requests and jobs may go on after SIGTERM.",
        )
        jobLease = reader.duration(
            "jobs.lease",
            .seconds(3)...(.seconds(600)),
            default: .seconds(30),
            help: "After so long without a sign of life a process counts as dead and others do its jobs.",
        )
        engines = EngineSettings(reader)
        accounts = AccountsSettings(reader, mode: mode, host: isServer ? host : nil)
        embedding = EmbeddingSettings(reader)
        images = ImagesSettings(reader)
        memes = MemesSettings(reader)
        if memes.index == .postgres, !engines.isShared {
            reader.report("search.index", "search.index is postgres; database.url must name a PostgreSQL database.")
        }
        models = ModelGatewaySettings(reader)
        translation = TranslationSettings(reader)
        warnings = reader.warnings
        catalogue = try reader.finish()
    }
}

extension SettingText {
    /// What ``ForwardedMiddleware`` can compare a peer with.
    fileprivate static let block = SettingText.where("an address or network such as 10.0.0.0/8") {
        AddressBlock($0) != nil
    }
}

extension SettingAlias {
    /// The original's `LOG_LEVEL`, in capitals and with levels that we do not have.
    fileprivate static func logLevel(_ name: String) -> SettingAlias {
        SettingAlias(name, allowed: "DEBUG, INFO, WARNING, ERROR or CRITICAL") { text in
            let level = text.lowercased()
            return level == "critical" ? "error" : Log.Level(rawValue: level)?.rawValue
        }
    }

    /// The original's `LOG_JSON`, true or false.
    fileprivate static func logFormat(_ name: String) -> SettingAlias {
        SettingAlias(name, allowed: "true or false") { text in
            switch text.lowercased() {
            case "true", "1": "json"
            case "false", "0": "human"
            default: nil
            }
        }
    }
}
