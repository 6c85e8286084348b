import Kernel

/// Why somebody is not let in.
package enum AccountsError: Failure, Equatable {
    case notSignedIn
    /// The `Authorization` header speaks another scheme than `Bearer`.
    case unsupportedScheme
    case badToken(TokenError)
    /// Unknown, revoked or misspelt; which of them is nobody's business.
    case badAPIKey
    case expiredAPIKey
    case missingPermission(String)
    /// The service that knows permissions cannot be asked now.
    case authorizationUnavailable(retryAfter: Duration)
    /// What was asked for a new key cannot be; the text completes "the … must be …".
    case badKeyRequest(String)
    case noSuchKey

    package var status: Int {
        switch self {
        case .badToken(.keysUnavailable), .authorizationUnavailable: 503
        case .notSignedIn, .unsupportedScheme, .badToken, .badAPIKey, .expiredAPIKey: 401
        case .missingPermission: 403
        case .noSuchKey: 404
        case .badKeyRequest: 422
        }
    }

    package var code: String {
        switch self {
        case .notSignedIn: "not_signed_in"
        case .unsupportedScheme: "unsupported_scheme"
        case .badToken(let error): error.code
        case .badAPIKey: "api_key_invalid"
        case .expiredAPIKey: "api_key_expired"
        case .missingPermission: "permission_denied"
        case .authorizationUnavailable: "authorization_unavailable"
        case .badKeyRequest: "api_key_request_invalid"
        case .noSuchKey: "api_key_not_found"
        }
    }

    package var message: String {
        switch self {
        case .notSignedIn: "Sign in first: send a bearer token or an API key."
        case .unsupportedScheme: "The Authorization header must be of the form: Bearer TOKEN."
        case .badToken(let error): error.message
        case .badAPIKey: "The API key is not valid. Check it, or ask for a new one."
        case .expiredAPIKey: "The API key has expired. Ask for a new one."
        case .missingPermission(let permission): "Permission denied: \(permission)"
        case .authorizationUnavailable: "Authorization service temporarily unavailable"
        case .badKeyRequest(let rule): "The \(rule)."
        case .noSuchKey: "There is no API key with this id."
        }
    }

    package var retryAfter: Duration? {
        switch self {
        case .badToken(.keysUnavailable(let pause)), .authorizationUnavailable(let pause): pause
        default: nil
        }
    }

    /// RFC 6750, 3: no error code when nothing was sent.
    package var challenge: String? {
        switch self {
        case .notSignedIn: #"Bearer realm="pictor""#
        case .unsupportedScheme: #"Bearer realm="pictor", error="invalid_request""#
        case .badToken(.keysUnavailable), .authorizationUnavailable: nil
        case .badToken, .badAPIKey, .expiredAPIKey:
            #"Bearer realm="pictor", error="invalid_token", error_description="\#(message)""#
        case .missingPermission: #"Bearer realm="pictor", error="insufficient_scope""#
        case .badKeyRequest, .noSuchKey: nil
        }
    }
}
