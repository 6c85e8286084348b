import Configuration
import Imaging
import Kernel

/// How the memes service behaves. Each setting is `memes.NAME` in `pictor.yaml` and `PICTOR_MEMES_NAME` in the
/// environment.
package struct MemesSettings: Sendable {
    /// The largest file accepted.
    package var maxFileBytes = 20 * 1_048_576
    /// Most pixels of one frame.
    package var maxPixels = 25_000_000
    /// Most frames of an animation.
    package var maxFrames = 100
    /// Requests of one address to `/query` and `/search` in a minute.
    package var rateLimit = 100
    /// How long an answer may be given again.
    package var cacheTime = Duration.seconds(300)
    /// The languages that are read on pictures, as Tesseract calls them; empty for all that are installed.
    package var languages: [String] = []
    /// Where searches look.
    package var index = IndexKind.memory
    /// How many of the best hits a reranking model reads.
    package var rerankCount = 50
    /// How long a search waits for it.
    package var rerankTime = Duration.milliseconds(250)
    /// How large packs may be.
    package var pack = PackSettings()
    /// What pulls may read.
    package var pull = PullSettings()

    /// Where searches look.
    package enum IndexKind: String, Sendable, CaseIterable {
        case memory, postgres
    }

    package init() {}

    /// Reads `memes.*`.
    package init(_ reader: SettingsReader) {
        maxFileBytes = reader.bytes(
            "memes.max_file_size",
            1024...1_073_741_824,
            default: maxFileBytes,
            help: "The largest meme accepted.",
        )
        maxPixels = reader.int(
            "memes.max_pixels",
            1...268_435_456,
            default: maxPixels,
            help: "Most pixels of a frame of a meme.",
        )
        maxFrames = reader.int(
            "memes.max_frames",
            1...10_000,
            default: maxFrames,
            help: "Most frames of an animated meme.",
        )
        rateLimit = reader.int(
            "memes.rate_limit",
            1...10_000_000,
            default: rateLimit,
            help: "Searches that one address may make in a minute.",
        )
        cacheTime = reader.duration(
            "memes.cache_time",
            .seconds(1)...(.seconds(86_400)),
            default: cacheTime,
            help: "How long the answer to a search may be given again while no meme changes.",
        )
        languages = reader.list(
            "memes.languages",
            default: [],
            help:
                "Languages read on memes, as Tesseract calls them, such as eng or chi_sim; all that are installed when empty.",
        )
        index = reader.choice(
            "search.index",
            default: index,
            help:
                "Where memes are searched: memory holds all of them in each process, postgres asks the database (pgvector), for libraries larger than memory.",
        )
        rerankCount = reader.int(
            "memes.rerank_count",
            1...100,
            default: rerankCount,
            help: "How many of the best memes a reranking model reads, where one is set up.",
        )
        rerankTime = reader.duration(
            "memes.rerank_time",
            .milliseconds(10)...(.seconds(60)),
            default: rerankTime,
            help: "How long a search waits for it; then the order stays as it was.",
        )
        pack = PackSettings(reader)
        pull = PullSettings(reader)
    }

    /// What a meme may be.
    var limits: ImageLimits {
        var limits = ImageLimits()
        limits.bytes = maxFileBytes
        limits.pixels = maxPixels
        limits.frames = maxFrames
        return limits
    }
}
