import Kernel
import Synchronization

extension SingleFlight {
    /// Works for all who have an equal picture, with that of whoever began. When that one is deleted meanwhile, whoever
    /// waited begins anew with its own.
    ///
    /// - Throws: As ``callAsFunction(_:_:)``; a 404 only from `work` itself.
    func withEqualPictures(
        _ key: Key,
        _ work: @escaping @Sendable () async throws -> Value,
    ) async throws -> Value {
        while true {
            let isOurs = Mutex(false)
            do {
                return try await self(key) {
                    isOurs.withLock { $0 = true }
                    return try await work()
                }
            } catch let error as any Failure where error.status == 404 && !isOurs.withLock(\.self) {
                continue
            }
        }
    }
}
