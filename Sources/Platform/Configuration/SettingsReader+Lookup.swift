extension SettingsReader {
    /// Where a value was found.
    struct Place {
        /// `nil` when nested values stand where one value should.
        let raw: RawSetting?
        let source: SettingSource
        /// What the alias takes, when its own form was broken.
        var allowed: String?

        /// The key together with where its value stands.
        func named(_ key: String) -> String {
            switch source {
            case .standard: key
            case .file(let file, let line): "\(key) (\(file) line \(line))"
            case .dotenv(let file, let line, let variable): "\(key) (\(variable) in \(file) line \(line))"
            case .environment(let variable): "\(key) (variable \(variable))"
            case .commandLine(let option): "\(key) (option \(option))"
            }
        }
    }

    /// The value of the highest layer that has one.
    func find(_ key: String, _ aliases: [SettingAlias]) -> Place? {
        if let option = layers.options.last(where: { $0.key == key }) {
            return Place(raw: RawSetting(option.value), source: .commandLine(option: option.option))
        }
        let names = [SettingAlias(SettingName.variable(key))] + aliases
        for name in names {
            guard let text = variable(name.name) else { continue }
            return place(text, name, .environment(variable: name.name))
        }
        for name in names {
            guard let entry = layers.dotenv.first(where: { $0.name == name.name }), !entry.value.isEmpty else {
                continue
            }
            return place(
                entry.value,
                name,
                .dotenv(layers.dotenvName, line: entry.line, variable: name.name),
            )
        }
        guard let node = layers.file?.node(at: key) else { return nil }
        if case .nothing = node.content { return nil }
        return Place(raw: node.setting, source: .file(layers.fileName, line: node.line))
    }

    /// A variable of the environment, unless it is empty or was put there by Kubernetes for a service of that name.
    func variable(_ name: String) -> String? {
        guard let text = layers.environment[name], !text.isEmpty else { return nil }
        return SettingName.isServiceLink(name, value: text) ? nil : text
    }

    private func place(_ text: String, _ alias: SettingAlias, _ source: SettingSource) -> Place {
        if let converted = alias.convert(text) { return Place(raw: RawSetting(converted), source: source) }
        return Place(raw: RawSetting(text), source: source, allowed: alias.allowed)
    }
}
