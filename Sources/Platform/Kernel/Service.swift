/// Long work of the process: a server, workers, a sweeper. Nothing starts before `run`, and `run` returns when its
/// task is cancelled and everything begun has been brought to an end.
package protocol Service: Sendable {
    /// The name that logs use, such as `http server`.
    var name: String { get }
    func run() async throws
}

/// Runs services until one fails or `stop` returns, then ends them one after another, the last of the list first,
/// so that a later service may rely on an earlier one to the end.
package struct ServiceGroup: Sendable {
    private let services: [any Service]

    package init(_ services: [any Service]) { self.services = services }

    /// - Parameter stop: Returns when the services shall end, such as at SIGTERM.
    /// - Throws: What the first failing service threw.
    package func run(until stop: @escaping @Sendable () async -> Void) async throws {
        let (events, signal) = AsyncStream<Result<Void, any Error>>.makeStream()
        let tasks = services.map { service in
            Task {
                do {
                    try await service.run()
                    signal.yield(.success(()))
                } catch {
                    signal.yield(.failure(error))
                    throw error
                }
            }
        }
        let stopping = Task {
            await stop()
            signal.yield(.success(()))
        }
        var first: Result<Void, any Error> = .success(())
        for await event in events {
            first = event
            break
        }
        stopping.cancel()
        for task in tasks.reversed() {
            task.cancel()
            _ = await task.result
        }
        if case .failure(let error) = first, !(error is CancellationError) { throw error }
    }
}
