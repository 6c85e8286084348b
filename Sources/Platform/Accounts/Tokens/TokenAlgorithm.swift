import Kernel

/// How a token may be signed (RFC 7518, 3.1 and RFC 8037, 3.1). `none` is none of them.
package enum TokenAlgorithm: String, Sendable, CaseIterable {
    case HS256, RS256, EdDSA

    /// The kind of public key that checks it; `nil` where a secret does.
    package var keyKind: PublicKey.Kind? {
        switch self {
        case .HS256: nil
        case .RS256: .rsa
        case .EdDSA: .ed25519
        }
    }
}
