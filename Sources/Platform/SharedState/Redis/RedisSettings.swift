/// How a Redis is used.
package struct RedisSettings: Sendable {
    /// What every key and channel begins with, so that several programs may share one Redis.
    package var prefix: String
    /// How long connecting may take, and how long an answer may be overdue before the connection counts as lost.
    package var timeout: Duration
    /// Commands that may wait; more are answered as if Redis were away.
    package var waitingCommands: Int
    /// How long the connection for subscriptions may be silent before it is asked whether it lives.
    package var silence: Duration

    package init(
        prefix: String = "pictor:",
        timeout: Duration = .seconds(1),
        waitingCommands: Int = 10_000,
        silence: Duration = .seconds(10),
    ) {
        self.prefix = prefix
        self.timeout = timeout
        self.waitingCommands = waitingCommands
        self.silence = silence
    }
}
