extension SettingsReader {
    /// The text of the file that the setting names, `nil` when it names none. A file that cannot be read, is no text, or
    /// has more than `limit` bytes is a problem.
    package func fileText(_ key: String, limit: Int, aliases: [SettingAlias] = [], help: String) -> String? {
        guard let path = path(key, aliases: aliases, help: help) else { return nil }
        do {
            return try readText(atPath: path, limit: limit)
        } catch {
            report(key, "\(key) names the file \(path), which \(error.reason).")
            return nil
        }
    }
}
