import Kernel
import Synchronization
import Telemetry
import TextEmbedding

/// What is counted about searching, by the original's names.
struct MemesMetrics: Sendable {
    let queries: Counter
    let vectorSearch: Histogram
    private let degraded: Counter
    private let reranking: Histogram
    /// Shared with the gateway, which counts the remote models' own failures.
    private let embeddingErrors: Counter
    private let hitRatio: Gauge
    private let answers = Answers()

    private final class Answers: Sendable {
        let counts = Mutex<[FindingsCache.Level: Double]>([:])
    }

    init(_ metrics: Metrics) {
        queries = metrics.counter("meme_queries_total", "Searches for memes, by outcome.", labels: ["outcome"])
        vectorSearch = metrics.histogram(
            "vector_search_duration_seconds",
            "How long looking for the nearest vectors takes.",
        )
        degraded = metrics.counter(
            "meme_searches_degraded_total",
            "Searches that were answered without a part that did not come in time or not at all.",
            labels: ["part"],
        )
        reranking = metrics.histogram(
            "meme_rerank_duration_seconds",
            "How long reading the best hits anew takes, by what became of it: ok, late, or why the model failed.",
            labels: ["outcome"],
        )
        embeddingErrors = metrics.counter(
            "embedding_api_errors_total",
            "Calls for vectors that gave none.",
            labels: ["provider", "class"],
        )
        hitRatio = metrics.gauge(
            "cache_hit_ratio",
            "The share of searches answered from a cache since the start, by level: memory, shared, or all.",
            labels: ["level"],
        )
    }

    /// Counts a failure of a model that turns texts into vectors; the gateway has counted those of its own.
    func count(_ error: any Error, of embedder: any TextEmbedder) {
        guard !(embedder is GatewayEmbedder) else { return }
        embeddingErrors.add(1, "local", (error as? any Failure)?.code ?? "internal")
    }

    /// Counts a vector that a search did not wait for any longer.
    func countSlow(_ embedder: any TextEmbedder) {
        embeddingErrors.add(1, embedder is GatewayEmbedder ? "remote" : "local", "too_slow")
    }

    /// Counts a call for scores of the best hits.
    func countRerank(_ outcome: String, _ duration: Duration) { reranking.observe(duration, outcome) }

    /// Counts a search that was answered without these parts.
    func countDegraded(_ parts: [String]) {
        for part in parts { degraded.add(1, part) }
    }

    /// Counts where an answer came from.
    func count(_ level: FindingsCache.Level) {
        let counts = answers.counts.withLock { counts in
            counts[level, default: 0] += 1
            return counts
        }
        let (memory, shared) = (counts[.memory] ?? 0, counts[.shared] ?? 0)
        let all = memory + shared + (counts[.none] ?? 0)
        hitRatio.set(memory / all, "memory")
        // Of what memory did not answer.
        hitRatio.set(all > memory ? shared / (all - memory) : 0, "shared")
        hitRatio.set((memory + shared) / all, "all")
    }
}
