import Accounts
import Database
import HTTPServer
import Kernel
import ObjectStore
import Telemetry
import TestSupport
import Testing

@testable import Images

/// Taking over the original's `processor.db` and storage folder.
@Suite(.timeLimit(.minutes(5))) struct ImportTests {
    @Test func picturesComeOverWithTheirIdsOwnersTimesAndBytes() async throws {
        let original = try await Original(hasOwner: true)
        let picture = try await original.webP()
        let id = try await original.add("photos", files: ["thumbnail": picture, "medium": picture])
        let house = try await House(hasWorker: false)
        let report = try await house.importOriginal(original)
        #expect(report.imported == 1 && report.present == 0 && report.skipped.isEmpty)

        let answer = try await house.get("/api/v1/images/\(id)/all", by: nil)
        #expect(answer.status == 200)
        #expect(answer.json["metadata"]?["context"] == "holidays")
        #expect(answer.json["metadata"]?["dominant_color"] == "#c81e1e")
        let one = try await house.get("/api/v1/images/\(id)", by: nil).json
        #expect(one["metadata"]?["dominant_color"] == "#c81e1e")
        let file = try await house.get("/api/v1/images/\(id)/direct", by: nil)
        #expect(file.body == picture)
        let job = try await house.get("/api/v1/images/jobs/\(original.job(of: id))").json
        #expect(job["status"] == "completed" && job["attempts"] == 1)
        #expect(job["created_at"] == "2025-11-12T10:00:00.000Z")
        #expect(job["completed_at"] == "2025-11-12T10:00:03.000Z")
        #expect(try await house.delete("/api/v1/images/\(id)", by: .bob).status == 403)
        #expect(try await house.delete("/api/v1/images/\(id)", by: .alice).status == 200)
    }

    @Test func secondRunPassesOverWhatIsThere() async throws {
        let original = try await Original(hasOwner: false)
        _ = try await original.add("photos", files: ["medium": original.webP()])
        let house = try await House(hasWorker: false)
        #expect(try await house.importOriginal(original).imported == 1)
        let second = try await house.importOriginal(original)
        #expect(second.imported == 0 && second.present == 1)
        #expect(try await house.rows("SELECT id FROM image").count == 1)
    }

    @Test func pictureThatWasDeletedHereDoesNotComeBack() async throws {
        let original = try await Original(hasOwner: true)
        let id = try await original.add("photos", files: ["medium": original.webP()])
        let house = try await House(hasWorker: false)
        #expect(try await house.importOriginal(original).imported == 1)
        #expect(try await house.delete("/api/v1/images/\(id)", by: .alice).status == 200)
        _ = try await original.add("photos", files: ["medium": original.webP()])
        let again = try await house.importOriginal(original)
        #expect(again.imported == 1 && again.present == 1 && again.skipped.isEmpty)
        #expect(try await house.get("/api/v1/images/\(id)", by: nil).status == 404)
        #expect(try await house.objects.list(prefix: "", limit: 9).objects.count == 1)
    }

    @Test func whatCannotComeOverIsNamedWithItsReason() async throws {
        let original = try await Original(hasOwner: false)
        let picture = try await original.webP()
        _ = try await original.add("photos", files: ["medium": picture])
        let lost = try await original.add("photos", files: ["medium": nil])
        let escaping = try await original.add("../etc", files: ["medium": picture])
        let broken = try await original.add("photos", files: ["medium": [1, 2, 3]])
        let house = try await House(hasWorker: false)
        let report = try await house.importOriginal(original)
        #expect(report.imported == 1)
        let reasons = Dictionary(uniqueKeysWithValues: report.skipped.map { ($0.id, $0.reason) })
        #expect(reasons[lost] == "its file for medium is missing")
        #expect(reasons[escaping] == "its bucket is no valid name")
        #expect(reasons[broken] == "its file for medium is no picture")
        #expect(reasons.count == 3)
    }

    @Test func anotherDatabaseIsRefused() async throws {
        let house = try await House(hasWorker: false)
        let other = try await DatabaseBackend.sqlite.make()
        await #expect(throws: ImportError.notTheOriginal) {
            try await house.module.importOriginal(from: other.database, storageFolder: "/") { _, _ in }
        }
    }
}

extension House {
    fileprivate func importOriginal(_ original: Original) async throws -> ImagesModule.ImportReport {
        try await module.importOriginal(from: original.database, storageFolder: original.storage) { _, _ in }
    }
}
