import Configuration
import Kernel

/// The service that is asked for permissions, when there is one. The names of the replaced system stand beside ours as
/// aliases.
package struct PermissionSettings: Sendable {
    /// Without one nobody is asked, and what stands in tokens decides.
    package var url: String?
    /// For one call, from beginning to end.
    package var timeout = Duration.seconds(5)
    package var isCacheEnabled = true
    /// Everything is allowed while the service cannot be asked.
    package var failsOpen = false
    /// Failures in a row that open the circuit.
    package var breakerThreshold = 5
    /// How long it stays open at least.
    package var breakerTimeout = Duration.seconds(60)
    package var lifetimes = PermissionLifetimes()

    package init() {}

    /// Reads the settings.
    package init(_ reader: SettingsReader) {
        url = reader.string(
            "accounts.auth_api_url",
            .plainURL,
            aliases: ["AUTH_API_URL"],
            help: "The service that is asked for permissions which stand in no token.",
        )
        timeout = reader.duration(
            "accounts.auth_api_timeout",
            .milliseconds(100)...(.seconds(60)),
            default: timeout,
            aliases: ["AUTH_API_TIMEOUT"],
            help: "How long one question to it may take.",
        )
        failsOpen = reader.bool(
            "accounts.auth_fail_open",
            default: failsOpen,
            aliases: ["AUTH_FAIL_OPEN"],
            help: "Allow everything while it cannot be asked, instead of answering 503.",
        )
        breakerThreshold = reader.int(
            "accounts.auth_breaker_threshold",
            1...1000,
            default: breakerThreshold,
            aliases: ["CIRCUIT_BREAKER_THRESHOLD"],
            help: "Failures in a row after which it is left alone.",
        )
        breakerTimeout = reader.duration(
            "accounts.auth_breaker_timeout",
            .seconds(1)...(.seconds(3600)),
            default: breakerTimeout,
            aliases: ["CIRCUIT_BREAKER_TIMEOUT"],
            help: "How long it is left alone before one question tries it again.",
        )
        readCache(reader)
    }

    private mutating func readCache(_ reader: SettingsReader) {
        isCacheEnabled = reader.bool(
            "accounts.auth_cache",
            default: isCacheEnabled,
            aliases: ["AUTH_CACHE_ENABLED"],
            help: "Keep its answers for the times below.",
        )
        let classes: [(name: String, path: WritableKeyPath<PermissionLifetimes, Duration>, what: String)] = [
            ("read", \.read, "permissions to read, list, view and get"),
            ("write", \.write, "other permissions"),
            ("admin", \.admin, "permissions to admin, delete and purge"),
            ("denied", \.denied, "what it denies"),
        ]
        for (name, path, what) in classes {
            lifetimes[keyPath: path] = reader.duration(
                "accounts.auth_cache_ttl_\(name)",
                .seconds(1)...(.seconds(86_400)),
                default: lifetimes[keyPath: path],
                aliases: [SettingAlias("AUTH_CACHE_TTL_\(name.uppercased())")],
                help: "How long its answers about \(what) are kept.",
            )
        }
    }
}

extension SettingText {
    /// Shown in health checks and logs, so nothing secret may stand in it.
    static let plainURL = SettingText.where("an http:// or https:// address without user, query or fragment") { text in
        guard let scheme = ["http://", "https://"].first(where: text.lowercased().hasPrefix) else { return false }
        let rest = text.dropFirst(scheme.count)
        return rest.first.map { $0 != "/" } == true
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } && !rest.contains { "@?#".contains($0) }
    }
}
