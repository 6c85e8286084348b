/// What a call takes along when it goes on in another thread: the request that caused it and the span it belongs to.
package struct CallContext: Sendable {
    private let requestID: String?
    private let span: Span?

    /// Of the running task.
    package static var current: CallContext { CallContext(requestID: RequestID.current, span: Span.current) }

    /// Runs `body` as the task would have seen it.
    package func run<Value>(_ body: () throws -> Value) rethrows -> Value {
        guard requestID != nil || span != nil else { return try body() }
        return try RequestID.$current.withValue(requestID) { try Span.$current.withValue(span) { try body() } }
    }
}
