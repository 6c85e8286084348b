extension SettingsReader {
    /// Keys of the file, variables that begin with `PICTOR_` and options that no read asked for.
    func unknownNames() -> [SettingsProblem] {
        unknownKeys() + unknownVariables() + unknownOptions()
    }

    /// Names of `.env` that no read asked for. Compose files share `.env` with other programs, so they stop nothing.
    func unknownDotenvNames() -> [String] {
        let known = Set(knownVariables)
        return layers.dotenv.filter { !known.contains($0.name) }.map { entry in
            "\(layers.dotenvName) line \(entry.line) sets \(entry.name), which is no setting\(hint(entry.name, known))"
        }
    }

    private func unknownKeys() -> [SettingsProblem] {
        guard let file = layers.file else { return [] }
        let known = Set(entries.flatMap { $0.isSecret ? [$0.key, $0.key + "_file"] : [$0.key] })
        return leaves(of: file, "", known).map { key, node in
            let start = "\(layers.fileName) line \(node.line) sets \(key)\(shown(node.setting, of: key, known))"
            return SettingsProblem(key, start + ", which is no setting" + hint(key, known))
        }
    }

    /// The deepest nodes that are no known settings, with their dotted keys.
    private func leaves(of node: YAMLNode, _ prefix: String, _ known: Set<String>) -> [(key: String, node: YAMLNode)] {
        guard case .map(let children) = node.content, !children.isEmpty else { return [(prefix, node)] }
        return children.flatMap { name, child -> [(key: String, node: YAMLNode)] in
            let key = prefix.isEmpty ? name : "\(prefix).\(name)"
            if known.contains(key) { return [] }
            // An empty section says nothing and is no mistake.
            if case .nothing = child.content, known.contains(where: { $0.hasPrefix(key + ".") }) { return [] }
            return leaves(of: child, key, known)
        }
    }

    private func unknownVariables() -> [SettingsProblem] {
        let known = Set(knownVariables)
        let names = layers.environment.keys.filter { name in
            name.hasPrefix("PICTOR_") && !known.contains(name) && variable(name) != nil
        }
        return names.sorted().map { name in
            let value = shown(variable(name).map { RawSetting($0) }, of: name, known)
            return SettingsProblem(name, "The variable \(name)\(value) is no setting\(hint(name, known))")
        }
    }

    /// The value of an unknown name, unless the name may well be a misspelt secret.
    private func shown(_ raw: RawSetting?, of name: String, _ known: Set<String>) -> String {
        let secrets = entries.filter(\.isSecret).flatMap { [$0.key, $0.variable] + $0.aliases }
        let nearest = SettingName.nearest(to: name, among: known.sorted())
        let words = ["secret", "key", "token", "password", "url"]
        guard let raw, !words.contains(where: name.lowercased().contains), !secrets.contains(where: { $0 == nearest })
        else { return "" }
        return " (it is \"\(raw.shown)\")"
    }

    private func unknownOptions() -> [SettingsProblem] {
        let known = Set(entries.map(\.key))
        return layers.options.filter { !known.contains($0.key) }.map {
            SettingsProblem(
                $0.key,
                "The option \($0.option) sets \($0.key), which is no setting\(hint($0.key, known))",
            )
        }
    }

    private var knownVariables: [String] {
        reserved
            + entries.flatMap { entry in
                let names = [entry.variable] + entry.aliases
                return entry.isSecret ? names + names.map { $0 + "_FILE" } : names
            }
    }

    private func hint(_ name: String, _ known: some Sequence<String>) -> String {
        SettingName.nearest(to: name, among: known.sorted()).map { "; did you mean \($0)?" } ?? "."
    }
}
