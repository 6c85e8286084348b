/// Whether the bytes begin as an archive or a compressed file does: ZIP, RAR, 7z, gzip, bzip2, xz, zstd or tar.
package func isArchive(_ bytes: [UInt8]) -> Bool {
    let beginnings: [[UInt8]] = [
        [0x50, 0x4B, 3, 4], [0x50, 0x4B, 5, 6], Array("Rar!".utf8), [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C],
        [0x1F, 0x8B, 8], Array("BZh".utf8), [0xFD, 0x37, 0x7A, 0x58, 0x5A], [0x28, 0xB5, 0x2F, 0xFD],
    ]
    return beginnings.contains { bytes.starts(with: $0) } || bytes.dropFirst(257).starts(with: Array("ustar".utf8))
}

/// Whether a name in an archive is of what systems leave there for themselves: hidden files, previews, their settings.
package func isClutter(_ name: String) -> Bool {
    let parts = name.split(separator: "/")
    return parts.contains { $0.hasPrefix(".") || $0 == "__MACOSX" }
        || ["thumbs.db", "desktop.ini"].contains(parts.last?.lowercased() ?? "")
}
