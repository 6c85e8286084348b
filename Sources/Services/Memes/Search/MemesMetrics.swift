import Kernel
import Synchronization
import Telemetry
import TextEmbedding

/// What is counted about searching, by the original's names.
struct MemesMetrics: Sendable {
    let queries: Counter
    let vectorSearch: Histogram
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
