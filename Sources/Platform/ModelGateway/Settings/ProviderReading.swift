import Configuration
import Kernel

/// Reads a section of `models.providers`: one provider, or one for each of its keys.
func readProvider(_ name: String, _ reader: SettingsReader) -> [ProviderSettings]? {
    let kind = reader.choice("kind", default: ProviderKind.openAICompatible, help: "The wire format.")
    let url = reader.string("url", .httpAddress, help: "Its address.")
    let variable = reader.string(
        "key_env",
        .matching(/[A-Za-z_][A-Za-z0-9_]{0,127}/, "the name of a variable"),
        help: "The variable with the key.",
    )
    let names = [variable].compactMap { $0 } + (reader.has("key") || variable != nil ? [] : [kind.keyVariable])
    let key = reader.secret("key", aliases: names.compactMap { $0 }.map { SettingAlias($0) }, help: "The key.")
    let keys = reader.secret(
        "keys",
        length: 1...(1 << 20),
        help: "Keys of several projects: between spaces or line ends, or a list with id and api_key of each.",
    )
    let timeout = reader.duration(
        "timeout",
        .milliseconds(100)...(.seconds(600)),
        default: .seconds(60),
        help: "For one call.",
    )
    let concurrency = reader.int("concurrency", 1...100_000, default: 8, help: "Calls at once.")
    let models = reader.sections("models", name: .upTo(128), help: "Its models.") { readModel($0, kind, $1) }
    guard let address = url ?? kind.standardURL else {
        reader.report("url", "url must be set for a provider of the kind \(kind.rawValue).")
        return nil
    }
    let provider = ProviderSettings(
        name,
        kind,
        url: address.hasSuffix("/") ? String(address.dropLast()) : address,
        key: key,
        keySetting: "models.providers.\(name).key_file" + (kind.keyVariable.map { " or \($0)" } ?? ""),
        timeout: timeout,
        concurrency: concurrency,
        models: models,
    )
    do throws(BadKeys) {
        let projects = try projectKeys(keys?.reveal() ?? "")
        return projects.isEmpty ? [provider] : provider.projects(projects)
    } catch {
        reader.report("keys", "keys cannot be used: \(error.reason).")
        return nil
    }
}

private func readModel(_ name: String, _ kind: ProviderKind, _ reader: SettingsReader) -> ModelSettings? {
    let purposes: [ModelPurpose] = reader.choices("purpose", default: [], help: "What it does.")
    if purposes.isEmpty { reader.report("purpose", "purpose must say what the model is for.") }
    if let strange = purposes.first(where: { !kind.purposes.contains($0) }) {
        reader.report("purpose", "purpose is \(strange.rawValue), which the kind \(kind.rawValue) does not serve.")
    }
    var model = ModelSettings(name, Set(purposes))
    model.quota = readQuota(reader)
    model.price = readPrice(reader)
    model.space = reader.string("space", default: name, .upTo(128), help: "What its vectors are compared with.")
    let batch = reader.int("batch", 0...2048, default: 0, help: "Texts in a call.")
    model.batch = batch > 0 ? batch : nil
    model.instruction = reader.string("instruction", .upTo(512), help: "The task before a query.")
    model.takesAddressesOnly = reader.bool(
        "addresses_only",
        default: KnownModels.takesAddressesOnly(name),
        help: "Whether it fetches pictures itself.",
    )
    model.largestDrawing = reader.choice(
        "largest_picture",
        default: KnownModels.largestDrawing(name),
        help: "The largest picture that it draws.",
    )
    model.dimensions = reader.int(
        "dimensions",
        0...16_384,
        default: KnownModels.dimensions(name) ?? 0,
        help: "Length of its vectors.",
    )
    if model.purposes.contains(.embedding), model.dimensions == 0 {
        reader.report("dimensions", "dimensions must be set: the length of this model's vectors is not known.")
    }
    return model
}

private func readQuota(_ reader: SettingsReader) -> ModelQuota {
    func bound(_ key: String, _ help: String) -> Int? {
        let value = reader.int(key, 0...1_000_000_000, default: 0, help: help)
        return value > 0 ? value : nil
    }
    var quota = ModelQuota()
    quota.requestsPerMinute = bound("rpm", "Requests a minute.")
    quota.tokensPerMinute = bound("tpm", "Tokens a minute.")
    quota.requestsPerDay = bound("rpd", "Requests a day.")
    quota.imagesPerMinute = bound("images_per_minute", "Pictures a minute.")
    quota.imagesPerDay = bound("images_per_day", "Pictures a day.")
    return quota
}

private func readPrice(_ reader: SettingsReader) -> ModelPrice {
    func price(_ key: String, _ help: String) -> Double { reader.double(key, 0...100_000, default: 0, help: help) }
    var prices = ModelPrice()
    prices.perMillionInputTokens = price("price_input", "A million input tokens.")
    prices.perMillionOutputTokens = price("price_output", "A million output tokens.")
    if reader.has("price_drawn") {
        prices.perMillionDrawnTokens = price("price_drawn", "A million output tokens of drawn pictures.")
    }
    prices.perImage = price("price_image", "A picture.")
    prices.perRequest = price("price_request", "A request.")
    return prices
}

extension SettingText {
    fileprivate static let httpAddress = SettingText.where("an address that begins with http:// or https://") {
        $0.hasPrefix("http://") || $0.hasPrefix("https://")
    }
}
