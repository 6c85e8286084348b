import Accounts
import Database
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import Images

/// Following the work: `/jobs/{id}`, `/result`, `/events`, long poll.
@Suite(.timeLimit(.minutes(5))) struct JobTests {
    @Test func stateHasTheFieldsOfTheOriginal() async throws {
        let house = try await House(hasWorker: false)
        let accepted = try await house.upload(PNG.plain().bytes)
        let answer = try await house.get("/api/v1/images/jobs/\(accepted.id("job_id"))")
        #expect(answer.status == 200)
        #expect(
            answer.fields.isSuperset(of: [
                "job_id", "image_id", "status", "created_at", "completed_at", "error", "attempts",
            ])
        )
        #expect(answer.json["status"] == "pending")
        #expect(answer.json["completed_at"] == .null && answer.json["error"] == .null)
        #expect(answer.json["attempts"] == 0)
        #expect(answer.json["created_at"]?.string?.hasSuffix("Z") == true)
        #expect(answer[header: "Retry-After"] != nil)
    }

    @Test func resultBeforeTheEndIs409AndSaysTheStatus() async throws {
        let house = try await House(hasWorker: false)
        let accepted = try await house.upload(PNG.plain().bytes)
        let answer = try await house.get("/api/v1/images/jobs/\(accepted.id("job_id"))/result")
        #expect(answer.status == 409)
        #expect(answer.json["error"] == "Processing not completed. Current status: pending")
        #expect(answer.json["code"] == "JOB_002")
        #expect(answer[header: "Retry-After"] == "1")
    }

    @Test func resultHasTheFieldsOfTheOriginal() async throws {
        let house = try await House()
        let job = try await house.process(PNG.scene(1, 700, 500).bytes, metadata: #"{"context":"test"}"#)
        #expect(job["status"] == "completed" && job["attempts"] == 1 && job["error"] == .null)
        let result = try await house.get("/api/v1/images/jobs/\(job.id("job_id"))/result")
        #expect(result.status == 200)
        #expect(result.fields == ["job_id", "image_id", "status", "urls", "metadata", "completed_at", "links"])
        let id = try job.id("image_id")
        #expect(result.json["urls"]?["medium"]?.string == "processed/medium/\(id)_medium.webp")
        let metadata = try #require(result.json["metadata"])
        #expect(metadata["original_dimensions"] == ["width": 700, "height": 500])
        #expect(metadata["context"] == "test")
        let medium = try #require(metadata["variants"]?["medium"])
        #expect(medium.fields == ["width", "height", "aspect_ratio", "format", "size_bytes"])
        #expect(medium["width"] == 600 && medium["height"] == 429 && medium["format"] == "webp")
        #expect(medium["aspect_ratio"] == 1.399)
    }

    @Test("unknown jobs are 404", arguments: ["", "/result", "/events"])
    func unknownJob(suffix: String) async throws {
        let house = try await House(hasWorker: false)
        for id in ["00000000-0000-7000-8000-000000000000", "nonsense"] {
            let answer = try await house.get("/api/v1/images/jobs/\(id)\(suffix)")
            #expect(answer.status == 404)
            #expect(answer.json["error"] == "Job not found")
        }
    }

    @Test func longPollAnswersWhenTheJobEnds() async throws {
        let time = ManualTime()
        let house = try await House(time: time, hasWorker: true)
        let accepted = try await house.upload(PNG.plain().bytes)
        // The clock stands still, so only the end of the job can end this.
        let answer = try await house.get("/api/v1/images/jobs/\(accepted.id("job_id"))?wait=60")
        #expect(answer.json["status"] == "completed")
    }

    @Test func longPollEndsWithItsTimeWhenNothingHappens() async throws {
        let time = ManualTime()
        let house = try await House(time: time, hasWorker: false)
        let job = try await house.upload(PNG.plain().bytes).id("job_id")
        async let answer = house.get("/api/v1/images/jobs/\(job)?wait=20")
        await time.untilSleepers(1)
        time.advance(by: .seconds(20))
        #expect(try await answer.json["status"] == "pending")
    }

    @Test("a wait outside 0 to 60 is 422", arguments: ["-1", "61", "soon"])
    func badWait(text: String) async throws {
        let house = try await House(hasWorker: false)
        let job = try await house.upload(PNG.plain().bytes).id("job_id")
        let answer = try await house.get("/api/v1/images/jobs/\(job)?wait=\(text)")
        #expect(answer.status == 422)
        #expect(answer.json["details"]?.array?.first?["loc"] == ["wait"])
    }

    @Test func eventsTellEachStateAndEndWithTheJob() async throws {
        let house = try await House()
        let job = try await house.upload(PNG.plain().bytes).id("job_id")
        let answer = try await house.get("/api/v1/images/jobs/\(job)/events")
        #expect(answer[header: "Content-Type"] == "text/event-stream")
        let events = answer.text.split(separator: "\n\n")
        #expect(events.allSatisfy { $0.hasPrefix("event: status\ndata: {") })
        let last = try #require(events.last?.split(separator: "\n").last?.dropFirst(6))
        let state = try JSON(parsing: Array(last.utf8))
        #expect(state["status"] == "completed")
        #expect(state["links"]?.fields.count == 4)
    }

    @Test func everyJobLeavesAtLeastThreeEventsInOrder() async throws {
        let house = try await House()
        let job = try await house.process(PNG.plain().bytes)
        let rows = try await house.rows(
            "SELECT kind FROM image_event WHERE image_id = \(job.id("image_id")) ORDER BY created_at, id"
        )
        let kinds: [String] = try rows.map { try $0.get("kind") }
        #expect(kinds == ["upload_initiated", "processing_started", "completed"])
    }

    @Test func strangerLearnsTheStateOfAPrivatePictureButNotItsAddresses() async throws {
        let house = try await House()
        let job = try await house.process(PNG.plain().bytes, bucket: "org-acme/users/alice/")
        let path = "/api/v1/images/jobs/\(try job.id("job_id"))"
        #expect(job["links"]?.fields.count == 4)
        for stranger in [nil, Principal.bob] {
            for address in [path, path + "/result"] {
                let answer = try await house.get(address, by: stranger)
                #expect(answer.status == 200)
                #expect(answer.json["links"] == [:])
                #expect(!answer.text.contains("signature="))
            }
            #expect(try await !house.get(path + "/events", by: stranger).text.contains("signature="))
        }
    }
}
