import Database
import Kernel
import TestSupport
import Testing

@testable import Images

/// What counting uploads promises, on every engine.
@Suite(.timeLimit(.minutes(5))) struct QuotaContract {
    @Test(
        "of 60 uploads at once exactly as many are accepted as the organisation may make",
        arguments: DatabaseBackend.allCases,
        UploadQuota.WindowKind.allCases,
    )
    func atOnce(backend: DatabaseBackend, kind: UploadQuota.WindowKind) async throws {
        let test = try await backend.make()
        let database = test.database
        try await migrate(database, ImagesModule.migrations)
        let quota = UploadQuota(limit: 50, organizationLimit: 20, window: .seconds(3600), kind: kind)
        let accepted = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<60 {
                // On both sides of where a slice ends.
                let now = Timestamp(milliseconds: 1_767_225_660_000 - 1 + Int64(index % 2))
                let uploader = UploadQuota.Uploader(owner: "user \(index % 3)", organization: "acme")
                group.addTask {
                    let standing = try? await database.transaction { try quota.take(uploader, at: now, in: $0) }
                    return standing != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(accepted == 20)
        let now = Timestamp(milliseconds: 1_767_225_660_000)
        let theirs = UploadQuota.Uploader(owner: "user 0", organization: "acme")
        #expect(try await quota.peek(theirs, at: now, in: database).organization?.used == 20)

        let statistics = ImageStatistics(database: database)
        let window = quota.start(at: now)..<quota.end(at: now)
        let near = try await statistics.nearLimit(.organization, 20, in: window)
        #expect(near.map(\.subject) == ["acme"] && near.map(\.count) == [20])
        #expect(try await statistics.activeUsers(in: window) >= 1)
        try await quota.sweep(at: now + .seconds(3 * 86_400), in: database)
        #expect(try await quota.peek(theirs, at: now, in: database).organization?.used == 0)
    }
}
