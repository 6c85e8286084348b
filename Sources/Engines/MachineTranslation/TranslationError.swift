import Kernel

/// Why a text was not translated.
package enum TranslationError: Failure, Equatable {
    /// No installed dictionary leads from one language to the other in two steps. `packages` are Debian's that would.
    case unsupportedPair(LanguagePair, packages: [String])
    /// The machine died or fell silent twice over one segment. The text is for the log.
    case failed(String)
    case segmentTooLong(bytes: Int, limit: Int)
    case tooManySegments(Int, limit: Int)
    /// A phrase table of the user cannot be read; where and why.
    case badPhrases(String)

    package var status: Int {
        switch self {
        case .unsupportedPair: 422
        case .failed, .badPhrases: 500
        case .segmentTooLong, .tooManySegments: 413
        }
    }

    package var code: String {
        switch self {
        case .unsupportedPair: "unsupported_pair"
        case .failed: "translation_failed"
        case .segmentTooLong: "text_too_long"
        case .tooManySegments: "too_many_texts"
        case .badPhrases: "phrases_unreadable"
        }
    }

    package var message: String {
        switch self {
        case .unsupportedPair(let pair, let packages):
            "Nothing installed here translates from \(pair.from) to \(pair.to). \(Self.advice(packages))"
        case .failed:
            "The text could not be translated because of a problem on the server."
        case .segmentTooLong(let bytes, let limit):
            "A text has \(bytes) bytes; at most \(limit) are translated at once. Split it."
        case .tooManySegments(let count, let limit):
            "\(count) texts were sent; at most \(limit) are translated at once. Send them in parts."
        case .badPhrases(let why):
            "A phrase table cannot be read: \(why)"
        }
    }

    private static func advice(_ packages: [String]) -> String {
        guard !packages.isEmpty else { return "The offline translator has no dictionary for it; a remote model may." }
        return "On the server, run: apt-get install \(packages.joined(separator: " "))"
    }
}
