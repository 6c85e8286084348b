import Kernel

extension SettingsReader {
    /// Room for thousands of keys.
    private static var longestSecret: Int { 1 << 20 }

    /// A text that is never printed. It may also stand in a file, whose path `KEY_file` or the variable with `_FILE`
    /// gives (as Docker and Kubernetes mount secrets); line ends after it do not count. Lengths are bytes of UTF-8.
    package func secret(
        _ key: String,
        length: ClosedRange<Int> = 1...4096,
        aliases: [SettingAlias] = [],
        help: String,
    ) -> Secret<String>? {
        let allowed = "text of \(length.lowerBound) to \(length.upperBound) bytes"
        let place = secretPlace(key, aliases)
        var secret: Secret<String>?
        if let place, let text = secretText(key, place) {
            if length.contains(text.utf8.count) {
                secret = Secret(text)
            } else {
                report(key, "\(place.named(key)) has \(text.utf8.count) bytes; it must be \(allowed).")
            }
        }
        declare(
            key,
            aliases,
            help: help,
            allowed: allowed,
            value: secret == nil ? "" : "****",
            standard: "",
            source: secret == nil ? .standard : place?.source ?? .standard,
            isSecret: true,
        )
        return secret
    }

    /// An address that may carry a password, such as `redis://:password@host:6379/0`. What could be one is masked.
    /// Schemes are what may stand before `://`, in lower case.
    package func url(
        _ key: String,
        schemes: [String],
        aliases: [SettingAlias] = [],
        help: String,
    ) -> Secret<String>? {
        let allowed = "an address that begins with " + schemes.map { "\($0)://" }.joined(separator: " or ")
        let place = secretPlace(key, aliases)
        var url: Secret<String>?
        if let place, let text = secretText(key, place) {
            if isURL(text, schemes) {
                url = Secret(text)
            } else {
                report(key, "\(place.named(key)) is \"\(maskedURL(text))\"; it must be \(allowed).")
            }
        }
        declare(
            key,
            aliases,
            help: help,
            allowed: allowed,
            value: url.map { maskedURL($0.reveal()) } ?? "",
            standard: "",
            source: url == nil ? .standard : place?.source ?? .standard,
            isSecret: true,
        )
        return url
    }

    /// The layer that holds the secret or the path of its file; both in one layer is a problem.
    private func secretPlace(_ key: String, _ aliases: [SettingAlias]) -> SecretPlace? {
        let direct = find(key, aliases)
        let file = find(key + "_file", aliases.map { SettingAlias($0.name + "_FILE") })
        switch (direct, file) {
        case (nil, nil): return nil
        case (let direct?, nil): return SecretPlace(place: direct, isFile: false)
        case (nil, let file?): return SecretPlace(place: file, isFile: true)
        case (let direct?, let file?):
            if direct.source.rank == file.source.rank {
                report(key, "\(direct.named(key)) is set directly and as a file; it must be only one of them.")
            }
            let isFile = file.source.rank > direct.source.rank
            return SecretPlace(place: isFile ? file : direct, isFile: isFile)
        }
    }

    private func secretText(_ key: String, _ secret: SecretPlace) -> String? {
        guard let text = secret.place.raw?.text else {
            report(key, "\(secret.named(key)) must be one text.")
            return nil
        }
        guard secret.isFile else { return text }
        do {
            let content = try readText(atPath: text, limit: Self.longestSecret)
            guard let end = content.lastIndex(where: { !$0.isNewline }) else {
                report(key, "\(secret.named(key)) names the file \(text), which is empty.")
                return nil
            }
            return String(content[...end])
        } catch {
            report(key, "\(secret.named(key)) names the file \(text), which \(error.reason).")
            return nil
        }
    }
}

private struct SecretPlace {
    let place: SettingsReader.Place
    let isFile: Bool

    var source: SettingSource { place.source }
    func named(_ key: String) -> String { place.named(isFile ? key + "_file" : key) }
}

extension SettingSource {
    fileprivate var rank: Int {
        switch self {
        case .standard: 0
        case .file: 1
        case .dotenv: 2
        case .environment: 3
        case .commandLine: 4
        }
    }
}

private func isURL(_ text: String, _ schemes: [String]) -> Bool {
    guard !hasControlCharacters(text), !text.contains(" "), text.utf8.count <= 4096 else { return false }
    return schemes.contains { scheme in
        text.lowercased().hasPrefix(scheme + "://") && text.utf8.count > scheme.utf8.count + 3
    }
}

/// The address without user, password and query. A password may itself hold `?` or `@`, so the last `@` counts.
private func maskedURL(_ text: String) -> String {
    guard let scheme = text.firstRange(of: "://") else { return "****" }
    let rest = text[scheme.upperBound...]
    let host = rest.lastIndex(of: "@").map { rest[rest.index(after: $0)...] } ?? rest
    let address = host.prefix { $0 != "?" && $0 != "#" }
    let user = host.count < rest.count ? "****@" : ""
    return text[..<scheme.upperBound] + user + address + (address.count < host.count ? "?****" : "")
}
