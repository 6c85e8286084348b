import Telemetry

/// What the gateway counts.
struct ModelMetrics: Sendable {
    let calls: Counter
    let durations: Histogram
    let errors: Counter
    private let embeddingErrors: Counter
    private let tokens: Counter
    private let images: Counter
    private let cost: Counter
    let pauses: Counter
    private let waits: Counter

    init(_ metrics: Metrics) {
        calls = metrics.counter(
            "model_calls_total",
            "Calls of remote models, by how they ended: answered, or the class of the error.",
            labels: ["provider", "model", "purpose", "outcome"],
        )
        durations = metrics.histogram(
            "model_call_duration_seconds",
            "From sending a call to a remote model until its answer was read.",
            labels: ["provider", "purpose"],
        )
        errors = metrics.counter(
            "model_errors_total",
            "Calls of remote models that gave no answer.",
            labels: ["provider", "purpose", "class"],
        )
        embeddingErrors = metrics.counter(
            "embedding_api_errors_total",
            "Calls for vectors that gave none.",
            labels: ["provider", "class"],
        )
        tokens = metrics.counter(
            "model_tokens_total",
            "Tokens as providers report them.",
            labels: ["provider", "model", "direction"],
        )
        images = metrics.counter("model_images_total", "Pictures sent to models.", labels: ["provider", "model"])
        cost = metrics.counter(
            "model_cost_total",
            "What calls cost, in the currency of the settings.",
            labels: ["provider", "model"],
        )
        pauses = metrics.counter(
            "model_pauses_total",
            "Times a model began to be left alone, by the class of the error.",
            labels: ["provider", "model", "class"],
        )
        waits = metrics.counter(
            "model_waits_total",
            "Times a model could not be asked yet, by why.",
            labels: ["provider", "model", "reason"],
        )
    }

    func answered(_ name: ModelName, _ purpose: ModelPurpose, _ usage: ModelUsage) {
        calls.add(1, name.provider, name.model, purpose.rawValue, "answered")
        billed(name, usage)
    }

    func billed(_ name: ModelName, _ usage: ModelUsage) {
        tokens.add(Double(usage.inputTokens), name.provider, name.model, "input")
        tokens.add(Double(usage.outputTokens), name.provider, name.model, "output")
        images.add(Double(usage.images), name.provider, name.model)
        cost.add(usage.cost, name.provider, name.model)
    }

    func failed(_ fault: ProviderFault, _ purpose: ModelPurpose) {
        let (provider, kind) = (fault.model.provider, fault.kind.rawValue)
        calls.add(1, provider, fault.model.model, purpose.rawValue, kind)
        errors.add(1, provider, purpose.rawValue, kind)
        if purpose == .embedding { embeddingErrors.add(1, provider, kind) }
    }

    func paused(_ name: ModelName, _ kind: ProviderFault.Kind) {
        pauses.add(1, name.provider, name.model, kind.rawValue)
    }

    func waited(_ name: ModelName, _ reason: ModelWait.Reason) {
        waits.add(1, name.provider, name.model, reason.rawValue)
    }
}
