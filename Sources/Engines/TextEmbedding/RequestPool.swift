import Kernel
import Synchronization

/// Threads that run a model, each with a request of its own.
final class RequestPool: Sendable {
    let width: Int
    private let threads: WorkPool
    /// As many as threads, so one is always there for a thread that works.
    private let idle: Mutex<[InferRequest]>

    init(_ model: CompiledModel, name: String, width: Int) throws {
        self.width = width
        threads = WorkPool(name: name, width: width, limit: 10_000)
        idle = Mutex(try (0..<width).map { _ in try model.request() })
    }

    /// Runs `work` on one of the threads.
    ///
    /// - Throws: As ``WorkPool/run(_:)``.
    func run<Value: Sendable>(_ work: @escaping @Sendable (InferRequest) throws -> Value) async throws -> Value {
        try await threads.run { [self] in
            let request = idle.withLock { $0.removeLast() }
            defer { idle.withLock { $0.append(request) } }
            return try work(request)
        }
    }

    /// Runs `work` on all `items`, as many at once as there are threads; `collect` gets the results as they come.
    ///
    /// - Throws: `CancellationError` after the runs that had begun, or what `work` threw.
    func runAll<Item: Sendable, Value: Sendable>(
        _ items: [Item],
        _ work: @escaping @Sendable (Item, InferRequest) throws -> Value,
        collect: (Item, Value) throws -> Void,
    ) async throws {
        try await withThrowingTaskGroup(of: (Item, Value).self) { group in
            for (started, item) in items.enumerated() {
                if started >= width, let (done, value) = try await group.next() { try collect(done, value) }
                group.addTask { (item, try await self.run { try work(item, $0) }) }
            }
            for try await (done, value) in group { try collect(done, value) }
        }
    }
}
