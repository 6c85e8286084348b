import Configuration
import Kernel

/// Providers, models and who is asked first.
package struct ModelGatewaySettings: Sendable {
    package var providers: [ProviderSettings] = []
    /// Who is asked for a purpose, in this order; a purpose that is missing asks every model that serves it.
    package var chains: [ModelPurpose: [ModelName]] = [:]
    /// Money for a day, in the currency of the prices; `nil` for no bound.
    package var dailyBudget: Double?
    /// What a person calls the currency.
    package var currency = "USD"

    package init() {}

    /// Reads the section `models`. What is wrong is noted in the reader.
    package init(_ reader: SettingsReader) {
        providers = reader.sections(
            "models.providers",
            name: .matching(/[a-z][a-z0-9_-]{0,31}/, "lower-case letters, digits, - and _"),
            help: "Services that run models, by names of your choice; docs/models.md shows how.",
            read: readProvider,
        ).flatMap { $0 }
        providers += ModelPurpose.simple.compactMap { readSimpleProvider(reader, $0) }
        let budget = reader.double(
            "models.daily_budget",
            0...1_000_000,
            default: 0,
            help: "Money that models may cost a day, in the currency of the prices; 0 for no bound.",
        )
        dailyBudget = budget > 0 ? budget : nil
        currency = reader.string(
            "models.currency",
            default: currency,
            .upTo(8),
            help: "What prices and costs are called.",
        )
        for purpose in ModelPurpose.allCases { chains[purpose] = readChain(reader, purpose) }
        checkSpaces(reader)
    }

    /// Every model that is set up, and what keeps it from being used; nothing does where the list is empty.
    package var needs: [(model: ModelName, missing: [String])] { entries.map { ($0.name, $0.missing) } }

    /// Who serves a purpose, in the order in which they are asked.
    func chain(_ purpose: ModelPurpose) -> [ModelEntry] {
        let all = entries.filter { $0.model.purposes.contains(purpose) }
        guard let names = chains[purpose] else { return all }
        return names.flatMap { name in
            all.filter { $0.provider.section == name.provider && $0.model.name == name.model }
        }
    }

    var entries: [ModelEntry] {
        providers.flatMap { provider in provider.models.map { ModelEntry(provider: provider, model: $0) } }
    }

    private func readChain(_ reader: SettingsReader, _ purpose: ModelPurpose) -> [ModelName]? {
        let key = "models.use.\(purpose.rawValue)"
        let texts = reader.list(
            key,
            default: [],
            count: 0...20,
            help: "Models for \(purpose.rawValue) as provider/model, the first choice first; else all that serve it.",
        )
        let names = texts.compactMap { text -> ModelName? in
            if let name = ModelName(text), let entry = entries.first(where: { $0.name == name }),
                entry.model.purposes.contains(purpose)
            {
                return name
            }
            reader.report(key, "\(key) names \(text), which no provider offers for \(purpose.rawValue).")
            return nil
        }
        return names.isEmpty ? nil : names
    }

    /// A model stands in for another only where their vectors can be compared.
    private func checkSpaces(_ reader: SettingsReader) {
        guard chains[.embedding] != nil else { return }
        let models = chain(.embedding).map(\.model)
        guard let first = models.first,
            let other = models.first(where: { $0.space != first.space || $0.dimensions != first.dimensions })
        else { return }
        reader.report(
            "models.use.embedding",
            "models.use.embedding lists \(first.name) and \(other.name), whose vectors cannot be compared; list one of"
                + " them, or give both the same space and dimensions if they are the same model.",
        )
    }
}
