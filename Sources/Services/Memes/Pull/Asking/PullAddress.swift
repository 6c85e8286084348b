/// Where a pull reads: `s3://bucket/folder`, `oss://bucket/folder` or `local:///folder`.
struct PullAddress: Sendable, Equatable {
    enum Scheme: String, Sendable, CaseIterable {
        case local, oss, s3
    }

    let scheme: Scheme
    /// Empty for a local folder.
    let bucket: String
    /// Of a local folder the absolute path; else the beginning of the keys, which is empty or ends with `/`.
    let path: String

    /// - Throws: ``PullError/invalidSource(reason:)``.
    init(_ text: String) throws(PullError) {
        guard let mark = text.firstRange(of: "://"), let scheme = Scheme(rawValue: String(text[..<mark.lowerBound]))
        else { throw .invalidSource(reason: "It begins with s3://, oss:// or local:///.") }
        let rest = text[mark.upperBound...]
        let isPlain = text.utf8.count <= 2048 && !text.utf8.contains { $0 < 0x20 || $0 == 0x7F }
        guard isPlain, !rest.split(separator: "/").contains("..") else {
            throw .invalidSource(reason: "It has at most 2048 bytes, no control characters and no '..'.")
        }
        self.scheme = scheme
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        bucket = String(rest[..<slash])
        if scheme == .local {
            path = try Self.folder(bucket: bucket, String(rest[slash...]))
        } else {
            path = try Self.prefix(bucket: bucket, rest[slash...])
        }
    }

    /// As it is kept and compared.
    var text: String { "\(scheme.rawValue)://\(bucket)\(scheme == .local ? path : "/" + path)" }

    /// Where an object of it is, for people and to know it again.
    func source(of key: String, profile: String) -> String {
        guard scheme != .local else { return "local://\(path == "/" ? "" : path)/\(key)" }
        return "\(scheme.rawValue)://\(profile == PullSettings.standardProfile ? "" : profile + "@")\(bucket)/\(key)"
    }

    /// The part of a key that patterns are compared with.
    func relative(_ key: String) -> Substring { scheme == .local ? key[...] : key.dropFirst(path.count) }

    private static func folder(bucket: String, _ path: String) throws(PullError) -> String {
        guard bucket.isEmpty, !path.isEmpty else {
            throw .invalidSource(reason: "Name a folder of the server, such as local:///srv/memes.")
        }
        let names = path.split(separator: "/").filter { $0 != "." }
        return "/" + names.joined(separator: "/")
    }

    private static func prefix(bucket: String, _ path: Substring) throws(PullError) -> String {
        guard !bucket.isEmpty else { throw .invalidSource(reason: "Name a bucket, such as s3://memes/folder.") }
        guard !path.isEmpty else {
            throw .invalidSource(reason: "Name a folder of the bucket, or end with / for the whole bucket.")
        }
        let prefix = path.dropFirst()
        return prefix.isEmpty || prefix.hasSuffix("/") ? String(prefix) : prefix + "/"
    }
}
