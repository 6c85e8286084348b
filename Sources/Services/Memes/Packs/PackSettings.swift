import Archives
import Configuration

/// How large packs may be. Each setting is `memes.pack.NAME`.
package struct PackSettings: Sendable {
    /// The largest archive that is taken.
    package var maxFileBytes = 1 << 30
    /// The most that an archive may unpack to.
    package var maxUnpackedBytes = 2 << 30
    /// The most memes of a pack, in and out.
    package var maxMemes = 10_000

    /// The longest manifest.
    static let maxManifestBytes = 64 << 20
    /// How many times its size an archive may unpack to.
    static let ratio = 100

    package init() {}

    /// Reads `memes.pack.*`.
    package init(_ reader: SettingsReader) {
        maxFileBytes = reader.bytes(
            "memes.pack.max_size",
            1_048_576...1_099_511_627_776,
            default: maxFileBytes,
            help: "The largest pack accepted.",
        )
        maxUnpackedBytes = reader.bytes(
            "memes.pack.max_unpacked",
            1_048_576...1_099_511_627_776,
            default: maxUnpackedBytes,
            help: "The most that a pack may unpack to.",
        )
        maxMemes = reader.int(
            "memes.pack.max_memes",
            1...1_000_000,
            default: maxMemes,
            help: "Most files of a pack that comes in, and most memes of one that goes out.",
        )
    }

    /// What an archive may hold; a picture has its own limit besides.
    func limits(maxPictureBytes: Int) -> ArchiveLimits {
        var limits = ArchiveLimits()
        limits.entries = maxMemes
        limits.entryBytes = max(maxPictureBytes, Self.maxManifestBytes)
        limits.totalBytes = maxUnpackedBytes
        limits.ratio = Self.ratio
        return limits
    }
}
