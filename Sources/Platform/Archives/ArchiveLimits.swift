/// How much an archive may unpack to. Everything is counted while it is unpacked: what an archive says of itself is
/// believed only where it says too much.
package struct ArchiveLimits: Sendable, Equatable {
    /// Files and folders.
    package var entries = 10_000
    /// Bytes of one file.
    package var entryBytes = 20 << 20
    /// Bytes of all files that are read.
    package var totalBytes = 2 << 30
    /// Bytes that one byte of the archive may become. Counts from 1 MiB on: a short text shrinks more than that.
    package var ratio = 100

    package init() {}

    static let smallBytes = 1 << 20

    /// - Throws: ``ArchiveError`` when so many bytes of an archive of `archiveBytes` are too many.
    func check(unpacked: Int, archiveBytes: Int) throws(ArchiveError) {
        guard unpacked <= totalBytes else { throw .tooLarge(limitBytes: totalBytes) }
        guard unpacked <= Self.smallBytes || unpacked / max(1, archiveBytes) < ratio else {
            throw .unpacksTooWell(ratio: ratio)
        }
    }
}
