/// A request method (RFC 9110, 9). Unknown ones are kept as sent, so that the router can answer 405.
package struct Method: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }
    package init(stringLiteral value: String) { rawValue = value }

    package static let delete: Method = "DELETE"
    package static let get: Method = "GET"
    package static let head: Method = "HEAD"
    package static let options: Method = "OPTIONS"
    package static let patch: Method = "PATCH"
    package static let post: Method = "POST"
    package static let put: Method = "PUT"

    package var description: String { rawValue }

    /// Whether asking changes nothing (RFC 9110, 9.2.1).
    package var isSafe: Bool { self == .get || self == .head || self == .options }

    /// The method, or `other` for one that no route uses: a label that a stranger cannot multiply.
    package var metricLabel: String {
        switch self {
        case .get, .post, .head, .put, .patch, .delete, .options: rawValue
        default: "other"
        }
    }
}
