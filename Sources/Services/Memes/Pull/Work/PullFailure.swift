import Kernel
import ObjectStore

/// What a try that did not succeed means for the object.
struct PullFailure: Sendable, Equatable {
    let state: PullItem.State
    let reason: String
    let message: String
    /// When it is tried again; `nil` for never.
    let nextTry: Timestamp?

    static let maxAttempts = 5
    private static let base = Duration.seconds(2)
    private static let cap = Duration.seconds(300)

    /// Decides from the error of a try; `nil` when the error is ours and not the object's, so that everything waits.
    ///
    /// - Parameters:
    ///   - error: What the source or the intake threw.
    ///   - attempt: Which try it was, from 1.
    ///   - now: The moment from which it waits.
    ///   - chance: 0 to 1, for the jitter.
    init?(_ error: any Error, attempt: Int, now: Timestamp, chance: Double) {
        guard let failure = error as? any Failure, !failure.isOutage, failure.status != 507 else { return nil }
        reason = Self.reason(failure)
        message = failure.message.replacing("\0", with: "\u{FFFD}")
        if [PullItem.SkipReason.notImage.rawValue, PullItem.SkipReason.tooLarge.rawValue].contains(reason) {
            (state, nextTry) = (.skipped, nil)
        } else if failure.isPermanent {
            (state, nextTry) = (.failed, nil)
        } else if attempt >= Self.maxAttempts {
            (state, nextTry) = (.dead, nil)
        } else {
            // Full jitter: objects that failed together do not come back together.
            let bound = min(Self.cap.milliseconds, Self.base.milliseconds << Int64(attempt - 1))
            let wait = Duration.milliseconds(Int64(Double(bound) * chance))
            (state, nextTry) = (.listed, now + max(wait, failure.retryAfter ?? .zero))
        }
    }

    private static func reason(_ failure: any Failure) -> String {
        switch failure.status {
        case 413: PullItem.SkipReason.tooLarge.rawValue
        case 415: PullItem.SkipReason.notImage.rawValue
        default: failure.code
        }
    }
}
