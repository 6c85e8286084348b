/// Whether the server may trust that only its developer talks to it.
package enum RunMode: String, Sendable, CaseIterable {
    /// A person tries things out on their own machine: pages work without a login, from loopback only.
    case development
    /// Everybody may knock: secrets must be real ones.
    case production

    /// Reads `mode`. The replaced system's `ENVIRONMENT` is free text; whatever does not clearly mean development is
    /// production, which is the safe side.
    package init(_ reader: SettingsReader) {
        let environment = SettingAlias("ENVIRONMENT", allowed: "development or production") { text in
            ["development", "dev", "local", "test", "testing"].contains(text.lowercased())
                ? "development" : "production"
        }
        self = reader.choice(
            "mode",
            default: .development,
            aliases: [environment],
            help: "development asks for no login on loopback; production refuses to start without real secrets.",
        )
    }
}
