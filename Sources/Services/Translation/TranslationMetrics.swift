import Telemetry

/// The metrics of the translation service.
struct TranslationMetrics: Sendable {
    let tasks: Counter
    let images: Counter
    let requests: Counter
    let fallbacks: Counter
    let webhooks: Counter

    init(_ metrics: Metrics) {
        tasks = metrics.counter("translation_tasks_total", "Tasks by outcome of their creation.", labels: ["outcome"])
        images = metrics.counter("translation_images_total", "Pictures by their end.", labels: ["outcome"])
        requests = metrics.counter(
            "translation_requests_total",
            "Times the words of a picture were translated, or read by a model.",
            labels: ["provider", "outcome"],
        )
        fallbacks = metrics.counter(
            "translation_fallbacks_total",
            "Times the next provider was asked, by what the one before said.",
            labels: ["provider", "code"],
        )
        webhooks = metrics.counter("translation_webhooks_total", "Calls of webhooks by outcome.", labels: ["outcome"])
    }
}
