import Accounts
import Database
import HTTPServer
import Jobs
import Kernel
import ObjectStore
import TestSupport
import Testing

@testable import Images

/// `DELETE /{id}`, and what must be gone after it.
@Suite(.timeLimit(.minutes(5))) struct DeleteTests {
    @Test func deletedPictureIsGoneEverywhere() async throws {
        let house = try await House()
        let job = try await house.process(PNG.plain().bytes)
        let id = try job.id("image_id")
        let url = try await house.get("/api/v1/images/\(id)").json.id("url")
        let answer = try await house.delete("/api/v1/images/\(id)")
        #expect(answer.status == 200)
        #expect(answer.fields == ["image_id", "deleted", "files_removed"])
        #expect(answer.json["deleted"] == true && answer.json["files_removed"] == 4)
        let again = try await house.delete("/api/v1/images/\(id)")
        #expect(again.status == 404)
        for path in ["", "/all", "/direct", "/similar"].map({ "/api/v1/images/\(id)\($0)" }) + [url] {
            #expect(try await house.get(path).status == 404, "\(path)")
        }
        #expect(try await house.get("/api/v1/images/jobs/\(job.id("job_id"))").status == 404)
        #expect(try await house.objects.list(prefix: "", limit: 10).objects.isEmpty)
        let left = try await house.rows("SELECT metadata, facts FROM image")
        #expect(try left.first?.get("metadata") as String? == "{}")
        #expect(try await house.rows("SELECT name FROM image_variant").isEmpty)
        let events = try await house.rows("SELECT kind, actor FROM image_event WHERE kind = 'deleted'")
        #expect(try events.map { try $0.get("actor") as String } == ["alice"])
    }

    @Test func onlyTheOwnerAnAdministratorOrWhoMayDeleteImagesDeletes() async throws {
        let house = try await House()
        let remover = Principal(subject: "eve", organization: "acme", permissions: ["image:delete"])
        for (principal, status) in [(nil, 401), (Principal.bob, 403), (.alice, 200), (.root, 200), (remover, 200)] {
            let id = try await house.process(PNG.plain().bytes).id("image_id")
            let answer = try await house.delete("/api/v1/images/\(id)", by: principal)
            #expect(answer.status == status)
            if status == 403 { #expect(answer.json["error"] == "You can only delete your own images.") }
        }
        let denied = try await house.rows("SELECT actor FROM image_event WHERE kind = 'access_denied'")
        #expect(try denied.map { try $0.get("actor") as String } == ["bob"])
    }

    @Test func deletedBeforeItsWorkBeganItIsNeverWorkedOn() async throws {
        let house = try await House(hasWorker: false)
        let accepted = try await house.upload(PNG.plain().bytes)
        #expect(try await house.delete("/api/v1/images/\(accepted.id("image_id"))").status == 200)
        let states = try await house.rows("SELECT state FROM job")
        #expect(try states.map { try $0.get("state") as String } == ["cancelled"])
    }

    @Test func deletedWhileItIsWorkedOnNothingOfItStays() async throws {
        let gate = Gate()
        let house = try await House(wrap: { GatedObjects(inner: $0, gate: gate, stopsAt: "medium") })
        let accepted = try await house.upload(PNG.plain(700, 500).bytes)
        let id = try accepted.id("image_id")
        await gate.untilReached()
        #expect(try await house.delete("/api/v1/images/\(id)").status == 200)
        gate.open()
        let job = try await house.rows("SELECT id FROM job").first
        let jobID = try #require(try job?.get("id") as String?)
        try await house.untilJob(jobID, is: "cancelled")
        try await house.untilEmpty(prefix: "")
        #expect(try await house.get("/api/v1/images/\(id)").status == 404)
    }

    @Test func fileThatCouldNotBeRemovedIsRemovedByTheSweeper() async throws {
        let fault = Fault()
        let house = try await House(wrap: { FaultyObjects(inner: $0, deleteFault: fault) })
        let id = try await house.process(PNG.plain().bytes).id("image_id")
        fault.isOn = true
        #expect(try await house.delete("/api/v1/images/\(id)").json["files_removed"] == 0)
        #expect(try await house.objects.list(prefix: "images/", limit: 10).objects.count == 4)
        fault.isOn = false
        try await house.sweep()
        #expect(try await house.objects.list(prefix: "images/", limit: 10).objects.isEmpty)
        #expect(try await house.rows("SELECT name FROM image_variant").isEmpty)
    }

    @Test func fileThatNoRowKnowsIsRemovedWithItsPicture() async throws {
        let house = try await House(hasWorker: false)
        let text = try await house.upload(PNG.plain().bytes).id("image_id")
        let id = try #require(ID<ImageRecord>(text))
        // What processes leave that die between the two, time and again.
        try await house.database.execute("UPDATE job SET state = 'dead'")
        try await house.objects.put([1], at: variantKey(of: id, bucket: "test-uploads", name: "large"))
        #expect(try await house.delete("/api/v1/images/\(text)").json["files_removed"] == 1)
        #expect(try await house.objects.list(prefix: "images/", limit: 9).objects.isEmpty)
    }

    @Test func erasureThatCannotRemoveAFileFailsAndCanBeRepeated() async throws {
        let fault = Fault()
        let house = try await House(wrap: { FaultyObjects(inner: $0, deleteFault: fault) })
        _ = try await house.process(PNG.plain().bytes)
        fault.isOn = true
        await #expect(throws: StorageError.self) { _ = try await house.module.erase(owner: "alice") }
        fault.isOn = false
        #expect(try await house.module.erase(owner: "alice") == 1)
        try await house.untilEmpty(prefix: "")
        #expect(try await house.rows("SELECT id FROM image").isEmpty)
    }

    @Test("on a server, a deletion and the work on the picture take their locks in the same order")
    func lockOrder() async throws {
        let house = try await House(backend: .postgresql, hasWorker: false)
        let id = try await house.upload(PNG.plain().bytes).id("image_id")
        let (begun, end, jobs) = (TestSupport.Gate(), Semaphore(), house.jobs)
        let job: ID<Job> = try #require(try await house.rows("SELECT job_id FROM image").first).get("job_id")
        async let working: Void = house.database.transaction { transaction in
            try jobs.lock(job, in: transaction)
            begun.open()
            end.wait()
            _ = try transaction.query("SELECT id FROM image WHERE id = \(id) FOR UPDATE NOWAIT")
        }
        await begun.pass()
        async let deleting = house.delete("/api/v1/images/\(id)")
        while try await house.rows(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).isEmpty { await Task.yield() }
        end.signal()
        try await working
        #expect(try await deleting.status == 200)
    }

    @Test func erasedUserLeavesNothingAndOthersKeepTheirs() async throws {
        let house = try await House()
        let id = try await house.process(PNG.plain().bytes, metadata: #"{"name":"alice"}"#).id("image_id")
        let kept = try await house.process(PNG.scene(2).bytes, by: .bob).id("image_id")
        #expect(try await house.module.countOfPictures(ofOwner: "alice") == 1)
        #expect(try await house.module.erase(owner: "alice") == 1)
        for table in ["image", "image_event", "image_idempotency", "image_upload_slice", "image_upload_subject"] {
            for row in try await house.rows("SELECT * FROM \(identifier: table)") {
                #expect(!"\(row)".contains("alice"), "\(table)")
            }
        }
        #expect(try await house.rows("SELECT id FROM image").count == 1)
        #expect(try await house.get("/api/v1/images/\(id)").status == 404)
        #expect(try await house.get("/api/v1/images/\(kept)").status == 200)
    }
}
