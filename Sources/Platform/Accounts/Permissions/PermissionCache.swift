import Kernel
import SharedState

/// Answers of the permission service, shared by every process that shares the state. When the state is away, nothing
/// is known and nothing is kept.
struct PermissionCache: Sendable {
    private let state: any SharedState
    private let lifetimes: PermissionLifetimes

    init(_ state: any SharedState, lifetimes: PermissionLifetimes) {
        self.state = state
        self.lifetimes = lifetimes
    }

    /// The answer, or `nil` when it is not known any more.
    func find(_ question: PermissionQuestion) async -> Bool? {
        switch await state.get(key(question)) {
        case [UInt8(ascii: "1")]: true
        case [UInt8(ascii: "0")]: false
        default: nil
        }
    }

    /// Keeps an answer for as long as its class allows.
    func keep(_ isAllowed: Bool, for question: PermissionQuestion) async {
        let lifetime = lifetimes.lifetime(of: question, isAllowed: isAllowed)
        await state.set(key(question), [UInt8(ascii: isAllowed ? "1" : "0")], ttl: lifetime)
    }

    /// Forgets what is known of a user, or of everybody in the organisation.
    ///
    /// - Returns: How many answers there were.
    @discardableResult
    func forget(organization: String, subject: String?) async -> Int {
        await state.deletePrefix(prefix(organization) + (subject.map { "\(escaped($0)):" } ?? ""))
    }

    /// `auth:permission:{org}:{user}:{permission}`, the original's.
    func key(_ question: PermissionQuestion) -> String {
        prefix(question.organization) + "\(escaped(question.subject)):\(question.permission)"
    }

    private func prefix(_ organization: String) -> String { "auth:permission:\(escaped(organization)):" }

    /// A colon within a name would make two users of two organisations share a key.
    private func escaped(_ name: String) -> String {
        name.contains { $0 == ":" || $0 == "%" }
            ? name.map { $0 == ":" ? "%3A" : $0 == "%" ? "%25" : String($0) }.joined() : name
    }
}
