import Kernel

/// How long clients will wait, from what pictures took lately.
struct WaitEstimate: Sendable {
    let images: TranslationImageStore
    /// Pictures that are worked on at once by this process.
    let lanes: Int

    /// Before anything was measured.
    private static let usual = Duration.seconds(3)

    /// Whole seconds until a task that comes now is done, at least 1.
    func seconds(forNew count: Int) async throws -> Int {
        try await seconds(max(count, try await images.countAhead()))
    }

    /// What a task has before it.
    struct Outlook: Sendable {
        /// Until it is done, at least 2 and at most 300, as the original told it.
        let seconds: Int
        /// Pictures whose turn is before that of its next one; `nil` when none of its pictures waits for its beginning.
        let position: Int?
    }

    func outlook(for state: TaskState) async throws -> Outlook {
        guard let last = state.images.last(where: { !$0.state.isFinal }) else {
            return Outlook(seconds: 2, position: nil)
        }
        let wait = try await seconds(try await images.countAhead(of: last.id) + 1)
        var position: Int?
        if let next = state.images.first(where: { $0.state == .queued }) {
            position = try await images.countAhead(of: next.id)
        }
        return Outlook(seconds: min(300, max(2, wait)), position: position)
    }

    private func seconds(_ pictures: Int) async throws -> Int {
        let each = try await images.meanTime() ?? Self.usual
        let rounds = (pictures + lanes - 1) / max(1, lanes)
        return max(1, Int((each.seconds * Double(rounds)).rounded(.up)))
    }
}
