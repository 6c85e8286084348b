import Kernel

extension SettingsReader {
    /// A whole number. `standard` says in words what the default is where it depends on the machine.
    package func int(
        _ key: String,
        _ range: ClosedRange<Int>,
        default fallback: Int,
        standard: String? = nil,
        aliases: [SettingAlias] = [],
        help: String,
    ) -> Int {
        value(
            key,
            default: fallback,
            standard: standard,
            allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            aliases: aliases,
            help: help,
            show: String.init,
            parse: { raw in raw.text.flatMap { Int($0) }.flatMap { range.contains($0) ? $0 : nil } },
        )
    }

    /// A number.
    package func double(
        _ key: String,
        _ range: ClosedRange<Double>,
        default fallback: Double,
        aliases: [SettingAlias] = [],
        help: String,
    ) -> Double {
        let allowed = "a number from \(range.lowerBound) to \(range.upperBound)"
        return value(key, default: fallback, allowed: allowed, aliases: aliases, help: help, show: { "\($0)" }) { raw in
            raw.text.flatMap { Double($0) }.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// Yes or no: `true`, `yes`, `on`, `1` and their opposites, in any case. `standard` says in words what the default is
    /// where it depends on something.
    package func bool(
        _ key: String,
        default fallback: Bool,
        standard: String? = nil,
        aliases: [SettingAlias] = [],
        help: String,
    ) -> Bool {
        value(
            key,
            default: fallback,
            standard: standard,
            allowed: "true or false",
            aliases: aliases,
            help: help,
            show: { "\($0)" },
        ) { raw in
            switch raw.text?.lowercased() {
            case "true", "yes", "on", "1": true
            case "false", "no", "off", "0": false
            default: nil
            }
        }
    }

    /// Text that has a default.
    package func string(
        _ key: String,
        default fallback: String,
        _ text: SettingText = .upTo(1024),
        aliases: [SettingAlias] = [],
        help: String,
    ) -> String {
        value(key, default: fallback, allowed: text.allowed, aliases: aliases, help: help, show: { $0 }) { raw in
            raw.text.flatMap { text.isAllowed($0) ? $0 : nil }
        }
    }

    /// Text that may be absent.
    package func string(
        _ key: String,
        _ text: SettingText = .upTo(1024),
        aliases: [SettingAlias] = [],
        help: String,
    ) -> String? {
        value(key, default: nil, allowed: text.allowed, aliases: aliases, help: help, show: { $0 ?? "" }) { raw in
            raw.text.flatMap { text.isAllowed($0) ? $0 : nil }
        }
    }

    /// One of the cases of an enum, in any case of letters.
    package func choice<Choice>(
        _ key: String,
        default fallback: Choice,
        aliases: [SettingAlias] = [],
        help: String,
    ) -> Choice where Choice: RawRepresentable<String> & CaseIterable {
        let names = Choice.allCases.map(\.rawValue)
        let allowed = names.count == 1 ? names[0] : "one of " + names.joined(separator: ", ")
        return value(key, default: fallback, allowed: allowed, aliases: aliases, help: help, show: \.rawValue) { raw in
            Choice.allCases.first { $0.rawValue.lowercased() == raw.text?.lowercased() }
        }
    }

    /// A span of time: `250ms`, `60s`, `5m`, `2h`, `7d`, or a plain number of seconds.
    package func duration(
        _ key: String,
        _ range: ClosedRange<Duration>,
        default fallback: Duration,
        aliases: [SettingAlias] = [],
        help: String,
    ) -> Duration {
        let bounds = "\(SettingUnits.text(range.lowerBound)) to \(SettingUnits.text(range.upperBound))"
        let allowed = "a time from \(bounds), written like 250ms, 60s, 5m or 2h"
        return value(
            key,
            default: fallback,
            allowed: allowed,
            aliases: aliases,
            help: help,
            show: { SettingUnits.text($0) },
            parse: { raw in raw.text.flatMap(SettingUnits.duration).flatMap { range.contains($0) ? $0 : nil } },
        )
    }

    /// A number of bytes: `10MB` (powers of 1000), `64KiB` (powers of 1024) or a plain number.
    package func bytes(
        _ key: String,
        _ range: ClosedRange<Int>,
        default fallback: Int,
        aliases: [SettingAlias] = [],
        help: String,
    ) -> Int {
        let bounds = "\(SettingUnits.text(bytes: range.lowerBound)) to \(SettingUnits.text(bytes: range.upperBound))"
        let allowed = "a size from \(bounds), written like 10MB or 64KiB"
        return value(
            key,
            default: fallback,
            allowed: allowed,
            aliases: aliases,
            help: help,
            show: { SettingUnits.text(bytes: $0) },
            parse: { raw in raw.text.flatMap(SettingUnits.bytes).flatMap { range.contains($0) ? $0 : nil } },
        )
    }

    /// A path, absolute or from the working folder. `~/` at its start is the home folder.
    package func path(
        _ key: String,
        default fallback: String,
        aliases: [SettingAlias] = [],
        help: String,
    ) -> String {
        value(
            key,
            default: fallback,
            allowed: Self.allowedPath,
            aliases: aliases,
            help: help,
            show: { $0 },
            parse: path,
        )
    }

    /// A path that may be absent.
    package func path(_ key: String, aliases: [SettingAlias] = [], help: String) -> String? {
        value(
            key,
            default: nil,
            allowed: Self.allowedPath,
            aliases: aliases,
            help: help,
            show: { $0 ?? "" },
            parse: path,
        )
    }

    private static var allowedPath: String { "a path of at most 4095 bytes" }  // PATH_MAX less the closing zero

    private func path(_ raw: RawSetting) -> String? {
        guard let text = raw.text, SettingText.upTo(4095).isAllowed(text) else { return nil }
        guard text.hasPrefix("~/"), let home = layers.environment["HOME"] else { return text }
        return home + text.dropFirst()
    }
}
