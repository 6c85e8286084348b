import Kernel

/// Reads settings from all layers into typed values: defaults < `pictor.yaml` < `.env` < environment < command line.
///
/// The key `images.webp_quality` is `webp_quality` in the section `images` of the file and the variable
/// `PICTOR_IMAGES_WEBP_QUALITY`. An empty variable counts as not set. A bad value never stops the reading: it is noted,
/// the default is returned, and ``finish()`` tells everything at once.
///
/// Used by one thread while the program starts; the values it returns go anywhere.
package final class SettingsReader {
    let layers: SettingsLayers
    private(set) var entries: [SettingsCatalogue.Entry] = []
    private var noted: [SettingsProblem] = []
    /// Variables that are no settings but belong to the program, such as `PICTOR_HOME`.
    private(set) var reserved: Set<String> = ["PICTOR_CONFIG"]

    package init(_ layers: SettingsLayers) { self.layers = layers }

    /// Notes something that only the asker can see, such as two settings that exclude each other.
    /// The sentence names the key, the value unless it is a secret, and what is allowed.
    package func report(_ key: String, _ sentence: String) {
        let problem = SettingsProblem(key, sentence)
        if !noted.contains(problem) { noted.append(problem) }
    }

    /// Tells that the variable `name` is used by something else than a setting.
    package func reserve(_ name: String) { reserved.insert(name) }

    /// Reads a value of any type; the other reads are made of this one.
    ///
    /// `fallback` holds when no layer says anything; `standard` says it in words for the documentation, where the value
    /// depends on the machine. `allowed` completes "it must be …", and `help` says in one sentence what the setting
    /// does. `show` gives the value as the user would write it (`pictor config` prints it), `parse` gives `nil` for what
    /// is not allowed.
    package func value<Value>(
        _ key: String,
        default fallback: Value,
        standard: String? = nil,
        allowed: String,
        aliases: [SettingAlias] = [],
        help: String,
        show: (Value) -> String,
        parse: (RawSetting) -> Value?,
    ) -> Value {
        let place = find(key, aliases)
        var value = fallback
        if let place {
            if let parsed = place.raw.flatMap(parse) { value = parsed } else { refuse(key, place, allowed) }
        }
        declare(
            key,
            aliases,
            help: help,
            allowed: allowed,
            value: show(value),
            standard: standard ?? show(fallback),
            source: place?.source ?? .standard,
        )
        return value
    }

    /// Everything that was read so far, for `pictor config` and the documentation.
    package var catalogue: SettingsCatalogue { SettingsCatalogue(entries: entries) }

    /// Everything that is wrong: with the files, with the values read so far, and names that no read asked for. Ask
    /// after every setting has been read.
    package var problems: [SettingsProblem] { layers.problems + noted + unknownNames() }

    /// What should be looked at but stops nothing: unknown names in `.env`, which other programs share.
    package var warnings: [String] { unknownDotenvNames() }

    /// Ends the reading.
    ///
    /// - Throws: ``SettingsError`` with every problem.
    package func finish() throws(SettingsError) -> SettingsCatalogue {
        guard problems.isEmpty else { throw SettingsError(problems) }
        return catalogue
    }

    func declare(
        _ key: String,
        _ aliases: [SettingAlias],
        help: String,
        allowed: String,
        value: String,
        standard: String,
        source: SettingSource,
        isSecret: Bool = false,
    ) {
        precondition(SettingName.isKey(key), "\(key) is no setting's name")
        let variable = SettingName.variable(key)
        if let other = entries.first(where: { $0.variable == variable }) {
            return precondition(other.key == key, "\(key) and \(other.key) have the same variable")
        }
        entries.append(
            SettingsCatalogue.Entry(
                key: key,
                variable: variable,
                aliases: aliases.map(\.name),
                help: help,
                allowed: allowed,
                value: value,
                standard: standard,
                source: source,
                isSecret: isSecret,
            )
        )
    }

    private func refuse(_ key: String, _ place: Place, _ allowed: String) {
        let value = place.raw.map { "is \"\($0.shown)\"" } ?? "holds nested values"
        report(key, "\(place.named(key)) \(value); it must be \(place.allowed ?? allowed).")
    }
}
