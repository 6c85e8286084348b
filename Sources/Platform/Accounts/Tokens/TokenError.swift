import Kernel

/// What is wrong with a token.
package enum TokenError: Error, Sendable, Equatable {
    case tooLarge
    /// Not three base64url parts with JSON objects in them.
    case malformed
    /// Any algorithm but those pinned, `none` among them.
    case algorithm
    case signature
    /// The token may be good, but the keys to check it cannot be had now.
    case keysUnavailable(retryAfter: Duration)
    case expired
    case notYetValid
    /// A token without an end, where one is asked for.
    case noExpiry
    case audience
    case issuer
    /// The claim is missing or of another type.
    case claim(String)

    /// Stable, for clients.
    package var code: String {
        switch self {
        case .tooLarge: "token_too_large"
        case .malformed: "token_malformed"
        case .algorithm: "token_algorithm"
        case .signature: "token_signature"
        case .keysUnavailable: "token_keys_unavailable"
        case .expired: "token_expired"
        case .notYetValid: "token_not_yet_valid"
        case .noExpiry: "token_no_expiry"
        case .audience: "token_audience"
        case .issuer: "token_issuer"
        case .claim: "token_claim"
        }
    }

    /// For the person who sent the token.
    package var message: String {
        switch self {
        case .tooLarge: "The token is too large."
        case .malformed: "The token is malformed."
        case .algorithm: "The token is signed with an algorithm that is not accepted here."
        case .signature: "The token's signature is not valid."
        case .keysUnavailable: "Tokens cannot be checked at the moment. Try again soon."
        case .expired: "The token has expired. Sign in again."
        case .notYetValid: "The token is not valid yet."
        case .noExpiry: "The token has no expiry; tokens must end here."
        case .audience: "The token was made for another service."
        case .issuer: "The token was made by somebody who is not trusted here."
        case .claim(let name): "The token's claim \(name) is missing or not valid."
        }
    }
}
