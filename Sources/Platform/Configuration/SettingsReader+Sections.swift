extension SettingsReader {
    /// Sections whose names the user chooses: a map of maps in the file; in a variable the same in one line (JSON or
    /// flow YAML).
    ///
    /// `read` gets each section as a reader of its own, whose keys are those within the section; aliases are looked for
    /// among the variables, but not those of this program (`PICTOR_…`). What it notes is reported together with the
    /// rest, and so are keys that it does not ask for. A section for which it gives `nil` is left out.
    package func sections<Value>(
        _ key: String,
        name: SettingText,
        help: String,
        read: (_ name: String, _ section: SettingsReader) -> Value?,
    ) -> [Value] {
        let (content, source, file) = sectionsPlace(key)
        var names: [String] = []
        var values: [Value] = []
        switch content {
        case nil, .nothing?: break
        case .map(let entries)?:
            for entry in entries {
                names.append(entry.name)
                guard name.isAllowed(entry.name) else {
                    report(key, "\(key) has a section \(entry.name); its name must be \(name.allowed).")
                    continue
                }
                if let value = section("\(key).\(entry.name)", entry.node, file, read: { read(entry.name, $0) }) {
                    values.append(value)
                }
            }
        default: report(key, "\(key) (\(source)) must hold sections: a name each, and below it what belongs to it.")
        }
        declare(
            key,
            [],
            help: help,
            allowed: "sections, each with a name (\(name.allowed))",
            value: names.joined(separator: ","),
            standard: "",
            source: source,
        )
        return values
    }

    /// Whether the file says something about the key or, for a secret, about the file it stands in.
    package func has(_ key: String) -> Bool { find(key, []) != nil || find(key + "_file", []) != nil }

    private func section<Value>(
        _ path: String,
        _ node: YAMLNode,
        _ file: String,
        read: (SettingsReader) -> Value?,
    ) -> Value? {
        var inner = SettingsLayers()
        inner.fileName = file
        inner.environment = layers.environment.filter { !$0.key.hasPrefix("PICTOR_") }
        inner.dotenv = layers.dotenv.filter { !$0.name.hasPrefix("PICTOR_") }
        inner.dotenvName = layers.dotenvName
        switch node.content {
        case .map(let entries): if !entries.isEmpty { inner.file = node }
        case .nothing: break
        default:
            report(path, "\(path) (\(file) line \(node.line)) must hold settings.")
            return nil
        }
        let reader = SettingsReader(inner)
        let value = read(reader)
        for problem in reader.problems { report("\(path).\(problem.key)", "In \(path): \(problem.sentence)") }
        for name in reader.entries.flatMap(\.aliases) {
            reserve(name)
            reserve(name + "_FILE")
        }
        for name in reader.reserved { reserve(name) }
        return problem(reader) ? nil : value
    }

    private func problem(_ reader: SettingsReader) -> Bool { !reader.problems.isEmpty }

    private func sectionsPlace(_ key: String) -> (YAMLNode.Content?, SettingSource, file: String) {
        let name = SettingName.variable(key)
        if let text = variable(name) {
            return (content(text, key, name), .environment(variable: name), name)
        }
        if let entry = layers.dotenv.first(where: { $0.name == name && !$0.value.isEmpty }) {
            let source = SettingSource.dotenv(layers.dotenvName, line: entry.line, variable: name)
            return (content(entry.value, key, name), source, name)
        }
        guard let node = layers.file?.node(at: key) else { return (nil, .standard, layers.fileName) }
        return (node.content, .file(layers.fileName, line: node.line), layers.fileName)
    }

    private func content(_ text: String, _ key: String, _ variable: String) -> YAMLNode.Content? {
        let (root, problems) = YAMLReader.read(text, file: variable)
        for problem in problems { report(key, problem.sentence) }
        return root?.content
    }
}
