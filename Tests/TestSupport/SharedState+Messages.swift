import SharedState

extension SharedState {
    /// The messages from the moment this call returns, all of them, until the stream is let go or its reader cancelled.
    package func messages(on channel: String) async -> AsyncStream<[UInt8]> {
        let (messages, message) = AsyncStream<[UInt8]>.makeStream()
        let subscription = await subscribe(channel) { message.yield($0) }
        message.onTermination = { _ in subscription.cancel() }
        return messages
    }
}
