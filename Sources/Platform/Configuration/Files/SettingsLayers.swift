import FoundationEssentials

/// Everything that may set something, read but not yet understood.
package struct SettingsLayers: Sendable {
    /// A value of the command line: it wins over everything else.
    package struct Option: Sendable {
        let option: String
        let key: String
        let value: String

        /// `option` is what the person typed, such as `--port`; `key` is the setting that it sets.
        package init(_ option: String, sets key: String, to value: String) {
            self.option = option
            self.key = key
            self.value = value
        }
    }

    private static let limit = 1_048_576

    var options: [Option]
    var environment: [String: String]
    var dotenv: [DotEnvReader.Entry] = []
    var file: YAMLNode?
    var fileName = "pictor.yaml"
    var dotenvName = ".env"
    var problems: [SettingsProblem] = []

    /// Layers from texts, as tests write them.
    package init(
        file: String = "",
        dotenv: String = "",
        environment: [String: String] = [:],
        options: [Option] = [],
    ) {
        self.environment = environment
        self.options = options
        take(file: file)
        take(dotenv: dotenv)
    }

    /// Reads the files; what is wrong with them is reported together with everything else.
    ///
    /// `file` is the YAML file and must exist. Without one `PICTOR_CONFIG` names it, else `pictor.yaml` in the working
    /// folder is read when it is there, as `dotenv` is.
    package static func load(
        file: String? = nil,
        dotenv: String = ".env",
        environment: [String: String] = processEnvironment(),
        options: [Option] = [],
    ) -> SettingsLayers {
        var layers = SettingsLayers(environment: environment, options: options)
        let named = file ?? environment["PICTOR_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        layers.fileName = named ?? "pictor.yaml"
        layers.dotenvName = dotenv
        if let text = layers.text(of: layers.fileName, mustExist: named != nil) { layers.take(file: text) }
        if let text = layers.text(of: dotenv, mustExist: false) { layers.take(dotenv: text) }
        return layers
    }

    /// The variables of this process.
    package static func processEnvironment() -> [String: String] { ProcessInfo.processInfo.environment }

    private mutating func text(of path: String, mustExist: Bool) -> String? {
        do {
            return try readText(atPath: path, limit: Self.limit)
        } catch {
            if case .missing = error, !mustExist { return nil }
            problems.append(SettingsProblem(path, "The file \(path) \(error.reason)."))
            return nil
        }
    }

    private mutating func take(file text: String) {
        let (root, problems) = YAMLReader.read(text, file: fileName)
        self.problems += problems
        switch root?.content {
        case .map?: file = root
        case nil, .nothing?: break
        default:
            self.problems.append(
                SettingsProblem(fileName, "\(fileName) must hold sections with settings, such as `server:`.")
            )
        }
    }

    private mutating func take(dotenv text: String) {
        let (entries, problems) = DotEnvReader.read(text, file: dotenvName)
        self.dotenv = entries
        self.problems += problems
    }
}
