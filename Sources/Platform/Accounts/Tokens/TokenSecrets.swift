import Kernel

/// The secrets that sign tokens.
package struct TokenSecrets: Sendable {
    /// Accepted from anywhere, at most two while one replaces the other.
    package let accepted: [Secret<String>]
    /// Accepted from this machine only: weak ones, and the well-known ones of development.
    package let acceptedOnLoopback: [Secret<String>]
    /// The one that signs new tokens.
    package let signing: Secret<String>?

    /// `signing` is the first of all unless told otherwise.
    package init(
        accepted: [Secret<String>],
        acceptedOnLoopback: [Secret<String>] = [],
        signing: Secret<String>? = nil,
    ) {
        self.accepted = accepted
        self.acceptedOnLoopback = acceptedOnLoopback
        self.signing = signing ?? accepted.first ?? acceptedOnLoopback.first
    }
}
