/// Runs `work` in a child task and waits for it.
///
/// A task keeps the memory that its deepest call needed until it ends, and calls of stores go many kilobytes deep. Who
/// waits for long beside ten thousand others leaves such calls to tasks that end before it waits.
package func onOwnStack<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    async let value = work()
    return try await value
}
