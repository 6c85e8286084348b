import Kernel

/// Why an archive is not read, or not to its end.
package enum ArchiveError: Failure, Equatable {
    /// It is no ZIP archive, or its end is missing.
    case notAnArchive
    /// The content of an entry cannot be unpacked, or is not what its checksum says; without a name what leads from one
    /// entry to the next is broken.
    case damaged(name: String?)
    case duplicate(name: String)
    case encrypted(name: String)
    case entryTooLarge(name: String, limitBytes: Int)
    /// A link, device or pipe.
    case noFile(name: String)
    /// The archive was moved away or its disk is broken.
    case unreadable
    case tooLarge(limitBytes: Int)
    case tooManyEntries(limit: Int)
    case unpacksTooWell(ratio: Int)
    /// A name that leads out of the archive, or that no file can have.
    case unsafeName(String)

    package var status: Int {
        switch self {
        case .notAnArchive: 415
        case .entryTooLarge, .tooLarge, .tooManyEntries, .unpacksTooWell: 413
        case .damaged, .duplicate, .encrypted, .noFile, .unsafeName: 422
        case .unreadable: 500
        }
    }

    package var code: String {
        switch self {
        case .notAnArchive: "not_an_archive"
        case .damaged: "archive_damaged"
        case .duplicate: "archive_duplicate_name"
        case .encrypted: "archive_encrypted"
        case .entryTooLarge: "archive_entry_too_large"
        case .noFile: "archive_entry_no_file"
        case .unreadable: "archive_unreadable"
        case .tooLarge: "archive_too_large"
        case .tooManyEntries: "archive_too_many_entries"
        case .unpacksTooWell: "archive_ratio"
        case .unsafeName: "archive_unsafe_name"
        }
    }

    package var message: String {
        switch self {
        case .notAnArchive: "This is no ZIP archive, or its end is missing."
        case .damaged(let name?): "\(quoted(name)) is damaged in the archive. Make or fetch the archive anew."
        case .damaged: "The archive is damaged. Make or fetch it anew."
        case .duplicate(let name): "The archive has two files called \(quoted(name)). Rename one."
        case .encrypted(let name): "\(quoted(name)) is encrypted. Send an archive without a password."
        case .entryTooLarge(let name, let limit):
            "\(quoted(name)) is larger than \(size(limit)), the most for a file in an archive."
        case .noFile(let name): "\(quoted(name)) is a link or a device. Send an archive of plain files."
        case .unreadable: "The archive cannot be read any more. Send it again."
        case .tooLarge(let limit): "The archive unpacks to more than \(size(limit)). Send it in parts."
        case .tooManyEntries(let limit): "The archive has more than \(limit) files. Send it in parts."
        case .unpacksTooWell(let ratio): "The archive unpacks to more than \(ratio) times its size, so it is refused."
        case .unsafeName(let name): "\(quoted(name)) is a name that leads out of the archive, so it is refused."
        }
    }
}

/// A name as a stranger wrote it, cut and without control characters.
private func quoted(_ name: String) -> String {
    let shown = name.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
    let text = String(String.UnicodeScalarView(shown.prefix(120)))
    return "'\(text)\(shown.count > 120 ? "…" : "")'"
}

private func size(_ bytes: Int) -> String {
    bytes >= 1 << 20 ? "\(bytes >> 20) MiB" : bytes >= 1 << 10 ? "\(bytes >> 10) KiB" : "\(bytes) bytes"
}
