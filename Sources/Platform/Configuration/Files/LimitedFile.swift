import Glibc

/// Why a file of settings cannot be used.
enum FileTrouble: Error {
    case missing
    case unreadable(String)
    case tooLarge(limit: Int)
    case notText

    /// Completes "the file PATH …".
    var reason: String {
        switch self {
        case .missing: "does not exist"
        case .unreadable(let reason): "cannot be read: \(reason)"
        case .tooLarge(let limit): "is larger than \(SettingUnits.text(bytes: limit))"
        case .notText: "is not UTF-8 text"
        }
    }
}

/// Reads a file of at most `limit` bytes as UTF-8. Pipes and devices work too, hence no look at the size beforehand.
func readText(atPath path: String, limit: Int) throws(FileTrouble) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
        throw errno == ENOENT || errno == ENOTDIR ? .missing : .unreadable(String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { throw .unreadable(String(cString: strerror(errno))) }
        if count == 0 { break }
        bytes += buffer.prefix(count)
        guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText }
    return text.first == "\u{FEFF}" ? String(text.dropFirst()) : text
}
