import Configuration
import Kernel

/// What pulls may read. Each setting is `memes.pull.NAME`.
package struct PullSettings: Sendable {
    /// Access to buckets; a request names one, and never brings keys.
    package struct Profile: Sendable {
        package var endpoint: String?
        package var region = "us-east-1"
        package var accessKey: Secret<String>?
        package var secretKey: Secret<String>?
        package var sessionToken: Secret<String>?
        /// `nil` for what the endpoint suggests; OSS is always asked with the bucket in the host.
        package var usesPathStyle: Bool?
        /// Buckets that it may read; empty for all.
        package var buckets: [String] = []

        package init() {}
    }

    /// The profile of a request that names none; its settings stand directly below `memes.pull`.
    package static let standardProfile = "default"

    package var profiles: [String: Profile] = [standardProfile: Profile()]
    /// Folders of this machine that may be read, with those in them; none unless some are named.
    package var localRoots: [String] = []
    /// Objects of a batch that are fetched at once.
    package var parallel = 4

    package init() {}

    /// Reads `memes.pull.*`.
    package init(_ reader: SettingsReader) {
        localRoots = reader.list(
            "memes.pull.local_roots",
            default: [],
            each: .where("an absolute path") { $0.hasPrefix("/") },
            help: "Folders of this machine that pulls may read.",
        )
        parallel = reader.int(
            "memes.pull.parallel",
            1...64,
            default: parallel,
            help: "Objects that each of the two batches at work fetches at once.",
        )
        let named = reader.sections(
            "memes.pull.profiles",
            name: .matching(/[a-z][a-z0-9_-]{0,31}/, "small letters, digits, - and _"),
            help: "Further buckets' addresses and keys, by the name that a pull gives as its profile.",
        ) { name, section in (name, readProfile(section, "", .inSection)) }
        profiles = Dictionary(named, uniquingKeysWith: { $1 })
        profiles[Self.standardProfile] =
            profiles[Self.standardProfile] ?? readProfile(reader, "memes.pull.", .standard)
    }
}

/// The variables under which other programs keep the same.
private struct ProfileAliases {
    var endpoint: [SettingAlias] = []
    var region: [SettingAlias] = []
    var accessKey: [SettingAlias] = []
    var secretKey: [SettingAlias] = []
    var sessionToken: [SettingAlias] = []

    static let inSection = ProfileAliases()
    static let standard = ProfileAliases(
        endpoint: ["APP__STORAGE__MINIO_ENDPOINT", "AWS_ENDPOINT_URL"],
        region: ["AWS_REGION"],
        accessKey: ["APP__STORAGE__MINIO_ACCESS_KEY", "AWS_ACCESS_KEY_ID"],
        secretKey: ["APP__STORAGE__MINIO_SECRET_KEY", "AWS_SECRET_ACCESS_KEY"],
        sessionToken: ["AWS_SESSION_TOKEN"],
    )
}

private func readProfile(_ reader: SettingsReader, _ prefix: String, _ aliases: ProfileAliases) -> PullSettings.Profile
{
    var profile = PullSettings.Profile()
    profile.endpoint = reader.string(
        prefix + "endpoint",
        .upTo(1024),
        aliases: aliases.endpoint,
        help: "The address of the buckets' server where it is neither Amazon's nor Alibaba's.",
    )
    profile.region = reader.string(
        prefix + "region",
        default: profile.region,
        .upTo(64),
        aliases: aliases.region,
        help: "The buckets' region.",
    )
    profile.accessKey = reader.secret(prefix + "access_key", aliases: aliases.accessKey, help: "The access key's id.")
    profile.secretKey = reader.secret(
        prefix + "secret_key",
        aliases: aliases.secretKey,
        help: "The secret access key.",
    )
    profile.sessionToken = reader.secret(
        prefix + "session_token",
        length: 1...16_384,
        aliases: aliases.sessionToken,
        help: "Comes with temporary keys.",
    )
    let style = reader.choice(
        prefix + "address_style",
        default: AddressStyle.automatic,
        help: "Whether a bucket stands in the path or in the host; auto takes path with an endpoint of its own.",
    )
    profile.usesPathStyle = style == .automatic ? nil : style == .path
    profile.buckets = reader.list(
        prefix + "buckets",
        default: [],
        help: "Buckets that may be read; all that the key may read when empty.",
    )
    return profile
}

private enum AddressStyle: String, CaseIterable {
    case automatic = "auto"
    case host, path
}
