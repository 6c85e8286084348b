import Kernel

/// The secrets that sign tokens.
package struct TokenSecrets: Sendable {
    /// Accepted from anywhere, at most two while one replaces the other. The first one signs.
    package let accepted: [Secret<String>]
    /// Accepted from this machine only: the well-known ones of development.
    package let acceptedOnLoopback: [Secret<String>]

    package init(accepted: [Secret<String>], acceptedOnLoopback: [Secret<String>] = []) {
        self.accepted = accepted
        self.acceptedOnLoopback = acceptedOnLoopback
    }

    /// The one that signs new tokens.
    package var signing: Secret<String>? { accepted.first ?? acceptedOnLoopback.first }
}
