import Kernel
import Synchronization
import Telemetry
import TextEmbedding

/// Vectors of what people look for. The same words are turned into one only once: they are remembered in memory, and
/// behind it in the database, which other processes and the next start read.
struct QueryVectors: Sendable {
    let embedder: MemeEmbedder
    let store: QueryVectorStore
    let metrics: MemesMetrics
    private let recent = RecentlyUsed<String, [Float]>(limit: QueryVectorStore.limit)
    private let unsaved = Unsaved()

    /// Texts that wait to be written; more are remembered in memory only.
    private static let mostUnsaved = 2_000

    private final class Unsaved: Sendable {
        let vectors = Mutex<[String: [Float]]>([:])
    }

    init(embedder: MemeEmbedder, store: QueryVectorStore, metrics: MemesMetrics) {
        self.embedder = embedder
        self.store = store
        self.metrics = metrics
    }

    /// - Parameters:
    ///   - texts: What is looked for.
    ///   - isFinal: Whether somebody may look for the same again; a word that is still being typed is not kept.
    /// - Returns: Vectors in the order of the texts; `nil` when they do not come in time or not at all.
    /// - Throws: `CancellationError`, or what the model threw that is no `Failure`.
    func callAsFunction(_ texts: [String], isFinal: Bool) async throws -> [[Float]]? {
        var known: [String: [Float]] = [:]
        for text in texts { known[text] = recent[text] }
        var missing = texts.filter { known[$0] == nil }
        if !missing.isEmpty, isFinal {
            // Without an answer of the database they are made anew.
            let found = (try? await store.find(missing, in: embedder.embedder.space)) ?? [:]
            for (text, vector) in found where vector.count == embedder.embedder.dimensions { known[text] = vector }
            remember(found)
            missing.removeAll { known[$0] != nil }
        }
        if !missing.isEmpty {
            guard let made = try await embedder.vectors(of: missing, metrics) else { return nil }
            let new = Dictionary(zip(missing, made)) { first, _ in first }
            known.merge(new) { first, _ in first }
            if isFinal { remember(new) } else { new.forEach { recent[$0] = $1 } }
        }
        return texts.compactMap { known[$0] }
    }

    private func remember(_ vectors: [String: [Float]]) {
        for (text, vector) in vectors { recent[text] = vector }
        unsaved.vectors.withLock { unsaved in
            if unsaved.count < Self.mostUnsaved { unsaved.merge(vectors) { $1 } }
        }
    }

    /// Writes what was made or used since the last time.
    func save(at now: Timestamp) async throws {
        let vectors = unsaved.vectors.withLock { unsaved in
            defer { unsaved = [:] }
            return unsaved
        }
        if !vectors.isEmpty { try await store.keep(vectors, in: embedder.embedder.space, at: now) }
    }
}

/// Writes vectors of queries beside the searches, which never wait for it.
struct QueryVectorKeeper: Service {
    let vectors: QueryVectors
    let log: Log
    let time: any TimeSource

    private static let interval = Duration.seconds(5)

    var name: String { "query vectors" }

    func run() async throws {
        while true {
            let isEnd = await (try? time.sleep(until: time.now + Self.interval)) == nil
            // In a task of its own: the last writing begins when this one is cancelled already.
            await Task { await save() }.value
            if isEnd { return }
        }
    }

    private func save() async {
        do { try await vectors.save(at: time.now) } catch {
            log.warning("vectors of queries were not kept", ["error": "\(error)"])
        }
    }
}
