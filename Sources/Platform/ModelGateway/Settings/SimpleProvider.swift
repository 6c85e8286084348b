import Configuration
import Kernel

extension ModelPurpose {
    /// What one provider, key and model can be set for without a section of `models.providers`.
    static let simple: [ModelPurpose] = [.chat, .embedding, .image, .rerank, .vision]

    /// What the original settings of memes called it.
    fileprivate var originalName: String? {
        switch self {
        case .embedding: "EMBEDDING"
        case .vision: "VLM"
        case .chat, .image, .rerank: nil
        }
    }
}

/// Reads one provider with one model from `models.<purpose>.…`, so that three variables are enough.
func readSimpleProvider(_ reader: SettingsReader, _ purpose: ModelPurpose) -> ProviderSettings? {
    let section = "models.\(purpose.rawValue)"
    func alias(_ name: String) -> [SettingAlias] {
        purpose.originalName.map { [SettingAlias("APP__\($0)__\(name)")] } ?? []
    }
    let kinds = ProviderKind.allCases.filter { $0.purposes.contains(purpose) }.map(\.rawValue)
    let names = kinds + ["local"] + (purpose == .vision ? ["qwen"] : [])
    let provider = reader.string(
        section + ".provider",
        default: "local",
        .where("one of " + names.joined(separator: ", ")) { names.contains($0.lowercased()) },
        aliases: alias("PROVIDER"),
        help: "Who does \(purpose.rawValue): local for what runs here, or a kind of provider.",
    )
    let key = reader.secret(section + ".api_key", aliases: alias("API_KEY"), help: "The provider's key.")
    let model = reader.string(section + ".model", .upTo(128), aliases: alias("MODEL"), help: "The provider's model.")
    let url = reader.string(
        section + ".url",
        .where("an address that begins with http:// or https://") { $0.hasPrefix("http") && $0.contains("://") },
        help: "The provider's address, where it is not the public one.",
    )
    guard let kind = ProviderKind(name: provider) else { return nil }
    guard let model else {
        reader.report(section + ".model", "\(section).model must name a model of \(provider).")
        return nil
    }
    guard let url = url ?? kind.standardURL else {
        reader.report(section + ".url", "\(section).url must be set for \(provider).")
        return nil
    }
    var settings = ModelSettings(model, [purpose])
    settings.dimensions = KnownModels.dimensions(model) ?? 0
    settings.takesAddressesOnly = KnownModels.takesAddressesOnly(model)
    if purpose == .embedding, settings.dimensions == 0 {
        reader.report(
            section + ".model",
            "\(section).model is \(model), whose vectors' length is not known; set it up in models.providers.",
        )
    }
    let address = url.hasSuffix("/") ? String(url.dropLast()) : url
    return ProviderSettings(
        purpose.rawValue,
        kind,
        url: address,
        key: key,
        keySetting: section + ".api_key",
        models: [settings],
    )
}
