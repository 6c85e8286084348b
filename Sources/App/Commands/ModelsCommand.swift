import Kernel
import ModelGateway

/// `pictor models`
struct ModelsCommand: Command {
    static let name = "models"
    static let summary = "Show the remote models that are set up: quotas, pauses, cost of today"
    static let options = commonOptions + [.flag("--json", "Print JSON.")]
    static let details = """
        May run beside the server, and asks no provider. Quotas of a day and cost come from the database; those of a
        minute and pauses come from Redis, and without Redis only the server knows them: GET /api/v1/models.
        """

    private let arguments: Arguments

    init(_ arguments: Arguments) throws {
        try arguments.requireNoWords()
        self.arguments = arguments
    }

    func run() async throws -> Int32 {
        let settings = try Settings(layers(arguments))
        let opened = try await OpenStores(settings)
        let models = try await opened.models.status()
        await opened.close()
        if arguments.has("--json") {
            Terminal.print(modelsJSON(models, settings.models).prettyText)
        } else {
            Terminal.print(models.isEmpty ? Self.nothing : text(models, settings))
        }
        return ExitCode.success
    }

    private func text(_ models: [ModelStatus], _ settings: Settings) -> String {
        let knowsMinutes = settings.engines.redisURL != nil
        let rows = models.map { model in
            [
                model.model.provider, model.model.model,
                model.purposes.map { $0.rawValue + (model.isFirstFor.contains($0) ? "*" : "") }.joined(separator: ","),
                knowsMinutes || !model.missing.isEmpty ? state(model) : "see server",
                "\(model.requestsToday)", "\(model.errorsToday)", "\(model.tokensToday)", amount(model.costToday),
                quotas(model, knowsMinutes),
            ]
        }
        let head = ["PROVIDER", "MODEL", "PURPOSE", "STATE", "TODAY", "FAILED", "TOKENS", "COST", "QUOTAS"]
        return ([Terminal.table(head, rows)] + notes(models, settings)).joined(separator: "\n")
    }

    private func state(_ model: ModelStatus) -> String {
        if !model.missing.isEmpty { return "no key" }
        guard let until = model.pausedUntil, let reason = model.reason else { return "ready" }
        return "\(reason.rawValue) until \(until.rfc3339.prefix(19))Z"
    }

    private func quotas(_ model: ModelStatus, _ knowsMinutes: Bool) -> String {
        let lines = model.quotas.map { quota in
            let isKnown = knowsMinutes || quota.name.hasSuffix("day")
            return "\(isKnown ? "\(quota.used)" : "?")/\(quota.limit) \(quota.name)"
        }
        return lines.isEmpty ? "–" : lines.joined(separator: ", ")
    }

    private func notes(_ models: [ModelStatus], _ settings: Settings) -> [String] {
        let missing = models.filter { !$0.missing.isEmpty }.map { model in
            "\(Terminal.red("✗")) \(model.model) needs \(model.missing.joined(separator: ", "))."
        }
        let cost = models.reduce(0) { $0 + $1.costToday }
        let budget = settings.models.dailyBudget.map { " of \(amount($0))" } ?? ""
        return missing + ["* asked first. Today: \(amount(cost))\(budget) \(settings.models.currency)."]
    }

    /// Four digits after the point: a call costs less than a cent.
    private func amount(_ value: Double) -> String {
        let parts = Int64((value * 10_000).rounded()).quotientAndRemainder(dividingBy: 10_000)
        let digits = "\(parts.remainder)"
        return "\(parts.quotient)." + String(repeating: "0", count: 4 - digits.count) + digits
    }

    private static let nothing = """
        No remote model is set up, and none is needed: reading, searching and embedding run on this machine.
        For descriptions of pictures or larger models, three variables are enough:

          PICTOR_MODELS_VISION_PROVIDER=dashscope PICTOR_MODELS_VISION_MODEL=qwen3-vl-flash \\
          PICTOR_MODELS_VISION_API_KEY_FILE=/run/secrets/dashscope  pictor serve

        or, for several models, quotas and prices, a section in pictor.yaml:

          models:
            providers:
              siliconflow:
                kind: siliconflow
                key_file: /run/secrets/siliconflow
                models:
                  BAAI/bge-m3: { purpose: [embedding], rpm: 2000, tpm: 500000 }

        docs/remote-models.md tells everything about it.
        """
}
