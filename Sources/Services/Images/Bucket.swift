/// Where a picture belongs, and so who may see it.
///
/// The grammar: `org-{o}/groups/{g}/`, `org-{o}/users/{u}/`, `org-{o}/system/`, the same without `org-{o}/`, or, unless
/// the strict grammar is asked for, a plain name. Every id matches `[A-Za-z0-9_-]+`.
struct Bucket: Hashable, Sendable, CustomStringConvertible {
    enum Space: Hashable, Sendable {
        /// A name of the first clients: anyone may read, any signed-in user may write.
        case plain(String)
        case group(String)
        case user(String)
        case system
    }

    /// The organisation it names; a token of another organisation never gets in.
    let organization: String?
    let space: Space

    /// Reads the form's `bucket` field.
    ///
    /// - Throws: ``ImagesError/badBucket(_:)`` for anything outside the grammar, `..` and absolute paths included.
    init(_ text: String, strict: Bool) throws(ImagesError) {
        guard let bucket = Self.parse(text, strict: strict) else { throw .badBucket(text) }
        self = bucket
    }

    private init(organization: String?, space: Space) {
        self.organization = organization
        self.space = space
    }

    private static func parse(_ text: String, strict: Bool) -> Bucket? {
        guard text.utf8.count <= 255 else { return nil }
        var segments = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if segments.count == 1, isName(text) {
            return strict ? nil : Bucket(organization: nil, space: .plain(text))
        }
        guard segments.popLast() == "" else { return nil }
        var organization: String?
        if let first = segments.first, first.hasPrefix("org-") {
            organization = String(first.dropFirst(4))
            segments.removeFirst()
        }
        guard segments.allSatisfy(isName), organization.map(isName) ?? true else { return nil }
        switch (segments.count, segments.first) {
        case (1, "system"): return Bucket(organization: organization, space: .system)
        case (2, "groups"): return Bucket(organization: organization, space: .group(segments[1]))
        case (2, "users"): return Bucket(organization: organization, space: .user(segments[1]))
        default: return nil
        }
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// The text as it was given.
    var description: String {
        let prefix = organization.map { "org-\($0)/" } ?? ""
        return switch space {
        case .plain(let name): name
        case .group(let group): "\(prefix)groups/\(group)/"
        case .user(let user): "\(prefix)users/\(user)/"
        case .system: "\(prefix)system/"
        }
    }

    /// Whether anyone may read without a token.
    var isPublic: Bool {
        switch space {
        case .plain, .system: true
        case .group, .user: false
        }
    }

    /// The name without a slash at the end: what object keys and URLs are built from.
    var path: String {
        description.hasSuffix("/") ? String(description.dropLast()) : description
    }
}
