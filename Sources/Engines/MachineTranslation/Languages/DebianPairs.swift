/// Debian's packages of dictionaries, so that a missing pair can be named with the line that installs it.
enum DebianPairs {
    /// The two languages of each package. Several go one way only; which, the modes say once it is installed.
    /// Source: `apt-cache search '^apertium-'` on Debian 12, without dummy packages.
    static let packages: [(name: String, languages: [String])] = [
        ("apertium-eng-spa", ["en", "es"]), ("apertium-eng-cat", ["en", "ca"]), ("apertium-en-gl", ["en", "gl"]),
        ("apertium-eo-en", ["eo", "en"]), ("apertium-hbs-eng", ["sh", "en"]), ("apertium-isl-eng", ["is", "en"]),
        ("apertium-mkd-eng", ["mk", "en"]), ("apertium-eu-en", ["eu", "en"]), ("apertium-es-pt", ["es", "pt"]),
        ("apertium-fr-es", ["fr", "es"]), ("apertium-spa-ita", ["es", "it"]), ("apertium-spa-cat", ["es", "ca"]),
        ("apertium-es-gl", ["es", "gl"]), ("apertium-spa-ast", ["es", "ast"]), ("apertium-spa-arg", ["es", "an"]),
        ("apertium-es-ro", ["es", "ro"]), ("apertium-eo-es", ["eo", "es"]), ("apertium-eu-es", ["eu", "es"]),
        ("apertium-oc-es", ["oc", "es"]), ("apertium-fra-cat", ["fr", "ca"]), ("apertium-eo-fr", ["eo", "fr"]),
        ("apertium-br-fr", ["br", "fr"]), ("apertium-oci-fra", ["oc", "fr"]), ("apertium-fra-frp", ["fr", "frp"]),
        ("apertium-cat-ita", ["ca", "it"]), ("apertium-por-cat", ["pt", "ca"]), ("apertium-arg-cat", ["an", "ca"]),
        ("apertium-cat-srd", ["ca", "sc"]), ("apertium-eo-ca", ["eo", "ca"]), ("apertium-oc-ca", ["oc", "ca"]),
        ("apertium-pt-gl", ["pt", "gl"]), ("apertium-srd-ita", ["sc", "it"]), ("apertium-afr-nld", ["af", "nl"]),
        ("apertium-bel-rus", ["be", "ru"]), ("apertium-rus-ukr", ["ru", "uk"]), ("apertium-pol-szl", ["pl", "szl"]),
        ("apertium-hbs-mkd", ["sh", "mk"]), ("apertium-hbs-slv", ["sh", "sl"]), ("apertium-mkd-bul", ["mk", "bg"]),
        ("apertium-dan-nor", ["da", "no"]), ("apertium-nno-nob", ["nn", "nb"]), ("apertium-swe-dan", ["sv", "da"]),
        ("apertium-swe-nor", ["sv", "no"]), ("apertium-isl-swe", ["is", "sv"]), ("apertium-ind-zlm", ["id", "ms"]),
        ("apertium-urd-hin", ["ur", "hi"]),
    ]

    /// The fewest packages that may open a way between two languages, beside those whose pairs are installed.
    static func missing(for pair: LanguagePair, installed: LanguageGraph) -> [String] {
        let (from, to) = (baseLanguage(pair.from), baseLanguage(pair.to))
        if let package = package(from, to), !isInstalled(from, to, installed) { return [package] }
        let between = Set(packages.flatMap(\.languages)).sorted().compactMap { via -> [String]? in
            guard let missing = step(from, via, installed), let other = step(via, to, installed) else { return nil }
            return missing + other
        }
        // Two that are installed and do not lead there go the other way.
        return between.filter { !$0.isEmpty }.min { ($0.count, $0[0]) < ($1.count, $1[0]) } ?? []
    }

    /// What must be installed for a step: nothing, a package, or `nil` when none makes it.
    private static func step(_ from: String, _ to: String, _ installed: LanguageGraph) -> [String]? {
        if installed.route(from: from, to: to)?.count == 1 { return [] }
        guard let package = package(from, to), !isInstalled(from, to, installed) else { return nil }
        return [package]
    }

    private static func isInstalled(_ one: String, _ other: String, _ installed: LanguageGraph) -> Bool {
        installed.pairs.contains { Set([baseLanguage($0.from), baseLanguage($0.to)]) == [one, other] }
    }

    private static func package(_ one: String, _ other: String) -> String? {
        packages.first { Set($0.languages) == [one, other] }?.name
    }
}
