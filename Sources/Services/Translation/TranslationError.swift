import Accounts
import Kernel

/// What can go wrong for someone who uses the translation service.
enum TranslationError: Failure, Equatable {
    /// A provider's answer does not hold what was asked for.
    case badAnswer(provider: String)
    case badField(name: String, reason: String)
    /// A file that is no picture within the limits, with the status of the original.
    case badFile(name: String, reason: String, status: Int)
    case blockNotFound(Int)
    /// Another request drew the picture anew at the same time.
    case changedMeanwhile
    /// The client has had its share of the day; more comes at `until`.
    case dailyLimit(DailyShare, until: Timestamp, now: Timestamp)
    /// Nobody translated the words before the task's deadline; `reason` is what kept the last one.
    case deadlinePassed(reason: String)
    case fileTooLarge(limitBytes: Int)
    case idempotencyKeyReused
    case imageNotFound
    /// The picture is in work, or its work failed.
    case imageNotReady
    case noFiles
    case rateLimited(ClientLimit.Kind, limit: Int, retryAfter: Duration, resetAfter: Duration)
    /// An API key without the scope ``Accounts/Principal/translating``.
    case notAllowed
    case notSignedIn
    /// No language is installed to read pictures with.
    case nothingReads
    case taskNotFound
    case tooManyFiles(limit: Int)
    /// The task's client has spent its money of the day, and whoever is asked costs some.
    case moneySpent
    case totalTooLarge(limitBytes: Int)
    /// Nobody who is set up translates into this language; `able` could, if they were.
    case unsupportedPair(source: String?, target: String, able: [String])
    /// The words are said to be in a language whose letters nobody here reads; `package` has them.
    case unreadableLanguage(String, package: String)
    /// There are words on the picture, in characters that nobody here reads.
    case unreadScript
    /// All words on the picture stand in columns.
    case verticalText
    /// A picture at an address could not be fetched.
    case unreachable(reason: String)
    /// The words or the drawing failed checks, and the task is strict.
    case checkFailed([FailedCheck])

    var status: Int {
        switch self {
        case .badAnswer: 502
        case .badField, .checkFailed, .deadlinePassed, .idempotencyKeyReused, .moneySpent, .unreadScript,
            .unreadableLanguage, .unsupportedPair, .verticalText:
            422
        case .badFile(_, _, let status): status
        case .blockNotFound, .imageNotFound, .taskNotFound: 404
        case .fileTooLarge, .totalTooLarge: 413
        case .changedMeanwhile, .imageNotReady: 409
        case .nothingReads: 422
        case .noFiles, .tooManyFiles, .unreachable: 400
        case .notAllowed: 403
        case .notSignedIn: 401
        case .dailyLimit, .rateLimited: 429
        }
    }

    /// The codes that the original documented where it had one, ours elsewhere.
    var code: String {
        switch self {
        case .badAnswer: "TRANSLATION_FAILED"
        case .badField: "invalid_parameter"
        case .badFile(_, _, let status): status == 413 ? "FILE_TOO_LARGE" : "INVALID_FILE_FORMAT"
        case .blockNotFound: "block_not_found"
        case .checkFailed: "check_failed"
        case .changedMeanwhile: "changed_meanwhile"
        case .dailyLimit: "daily_limit_reached"
        case .deadlinePassed: "deadline_passed"
        case .fileTooLarge, .totalTooLarge: "FILE_TOO_LARGE"
        case .idempotencyKeyReused: "idempotency_key_reused"
        case .imageNotFound: "image_not_found"
        case .imageNotReady: "image_not_ready"
        case .moneySpent: "money_spent"
        case .noFiles: "no_files"
        case .notAllowed: "not_allowed"
        case .notSignedIn: "not_signed_in"
        case .nothingReads: "nothing_reads"
        case .rateLimited: "rate_limited"
        case .taskNotFound: "task_not_found"
        case .tooManyFiles: "TOO_MANY_FILES"
        case .unreachable: "unreachable"
        case .unreadScript: "unread_script"
        case .unreadableLanguage: "unreadable_language"
        case .unsupportedPair: "unsupported_pair"
        case .verticalText: TranslatedBlock.verticalText
        }
    }

    var message: String {
        switch self {
        case .badAnswer(let provider): "The provider \(provider) did not answer with a translation."
        case .badField(let name, let reason): "\(name): \(reason)"
        case .badFile(let name, let reason, _): name.isEmpty ? reason : "\(name): \(reason)"
        case .checkFailed(let checks):
            "The task is strict, and this picture failed checks: "
                + checks.map(\.description).joined(separator: "; ") + "."
        case .blockNotFound(let id): "There is no block \(id) on this picture."
        case .changedMeanwhile: "Somebody else changed this picture at the same time. Try again."
        case .dailyLimit(.images(let limit), _, _):
            "At most \(limit) pictures of one client are translated a day. It goes on at midnight UTC."
        case .dailyLimit(.money, _, _):
            "This client's money for models is spent for today. It goes on at midnight UTC."
        case .deadlinePassed(let reason): "Nobody translated this picture before its deadline. \(reason)"
        case .fileTooLarge(let limit): "A file is too large. Send at most \(limit >> 20) MiB for each."
        case .idempotencyKeyReused: "This Idempotency-Key was used for another task. Use a new key for a new task."
        case .imageNotFound: "There is no such picture in this task."
        case .imageNotReady: "This picture is not translated (yet)."
        case .moneySpent: "Models were not asked, as this client's money for them is spent for today."
        case .noFiles: "No files provided. Send pictures as form field 'files', or one as 'file'."
        case .notAllowed: "This needs a key with the scope \(Principal.translating)."
        case .notSignedIn: "Not authenticated. Send a token in the Authorization header, or a key as X-API-Key."
        case .nothingReads: "No language is installed to read pictures with: apt install tesseract-ocr-eng"
        case .rateLimited(.tasks, let limit, _, _): "At most \(limit) translation tasks a minute. Wait a moment."
        case .rateLimited(.polls, let limit, _, _):
            "At most \(limit) questions for results a minute. Wait a moment, and ask with since and timeout."
        case .taskNotFound: "Task not found"
        case .tooManyFiles(let limit):
            "Too many pictures. Send at most \(limit) at once, pages and what is in archives counted."
        case .totalTooLarge(let limit): "The files are too large. Send at most \(limit >> 20) MiB together."
        case .unreadScript:
            "This picture seems to be written in Chinese, Japanese or Korean, and nothing that is installed reads that: apt install "
                + "tesseract-ocr-chi-sim, tesseract-ocr-chi-tra, tesseract-ocr-jpn or tesseract-ocr-kor"
        case .unreadableLanguage(let name, let package):
            "Nothing that is installed reads \(name) on pictures: apt install \(package)"
        case .unreachable(let reason): "The picture could not be fetched: \(reason)"
        case .verticalText:
            "The words on this picture stand in columns, from top to bottom. Only words in lines are translated: send it with "
                + "its words set in lines."
        case .unsupportedPair(let source, let target, let able):
            "Nothing that is set up translates \(source.map { "from \($0) " } ?? "")to \(target). "
                + "These could: \(able.joined(separator: "; "))."
        }
    }

    var retryAfter: Duration? {
        switch self {
        case .dailyLimit(_, let end, let now): end - now
        case .rateLimited(_, _, let wait, _): wait
        default: nil
        }
    }

    /// Who translates any pair, once they are set up.
    static let remote = [
        "gemini (set up models.providers with kind gemini)",
        "any OpenAI-compatible model (models.providers with kind openai-compatible)",
    ]
}

/// What a client may have in a day.
enum DailyShare: Equatable {
    case images(Int)
    case money
}

/// A check that some blocks of a picture failed.
struct FailedCheck: Equatable, CustomStringConvertible {
    /// The flag that tells of it.
    let flag: String
    /// Their numbers.
    let blocks: [Int]

    var description: String {
        "\(flag) (block\(blocks.count == 1 ? "" : "s") \(blocks.map(\.description).joined(separator: ", ")))"
    }
}
