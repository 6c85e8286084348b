/// An error that knows how it is told: every module's error enum conforms, and status, code and sentence are derived
/// from its cases. Whatever is no `Failure` is our own fault and answers 500.
package protocol Failure: Error, Sendable {
    /// The HTTP status that fits.
    var status: Int { get }
    /// A stable machine code in snake case, such as `picture_too_large`.
    var code: String { get }
    /// One sentence for the person who asked: what is wrong and what to do. Never a path, SQL, key or stack.
    var message: String { get }
    /// When another try may succeed, for `Retry-After`.
    var retryAfter: Duration? { get }
    /// Whether trying the same again can never succeed; a job that throws it is not retried.
    var isPermanent: Bool { get }
    /// Whether a store that everything stands on is away. A job that meets it waits until it is back, and loses no try.
    var isOutage: Bool { get }
    /// When work that met it may go on, where only time helps (a quota, a partner's pause). A job that throws it is put
    /// back until then, holds no thread meanwhile, and loses no try.
    var postponedUntil: Timestamp? { get }
    /// The value of `WWW-Authenticate`, which every 401 must carry (RFC 9110, 15.5.2).
    var challenge: String? { get }
}

extension Failure {
    package var retryAfter: Duration? { nil }
    /// A 4xx is the asker's, and asking again changes nothing; 408, 409, 425 and 429 pass with time.
    package var isPermanent: Bool { (400..<500).contains(status) && ![408, 409, 425, 429].contains(status) }
    package var isOutage: Bool { false }
    package var postponedUntil: Timestamp? { nil }
    package var challenge: String? { status == 401 ? "Bearer" : nil }
}
