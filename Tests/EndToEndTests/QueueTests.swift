import Kernel
import TestSupport
import Testing

/// The queues as operators see them: by command, as JSON and as a page.
@Suite(.timeLimit(.minutes(5)))
struct QueueTests {
    @Test func commandsShowQueuesAndJobsBesideTheServer() async throws {
        let server = try await RunningServer()
        let done = try await Client(server).process(fixture("photo.jpg"))
        let job = try #require(done["job_id"]?.string)
        func jobs(_ words: String...) async throws -> ProgramRun {
            try await runProgram([binary, "jobs"] + words + ["--data", server.data])
        }
        let queues = try await jobs("--json").output
        #expect(try JSON(parsing: Array(queues.utf8)).array?.first?["done_last_minute"] == 1)
        #expect(try await jobs("--state", "done").output.contains(job))
        #expect(try await jobs("--state", "dead").output == "No job is dead.\n")
        #expect(try await jobs("--state", "lost").code == 64)
        for verb in ["cancel", "requeue"] {
            let run = try await jobs(verb, job)
            #expect(run.code == 1 && run.output.contains(job), "\(run.output)")
        }
    }

    @Test func operatorsSeeAndChangeJobsOverHTTP() async throws {
        // Bad pictures are refused at the door; one whose pixels are damaged gets as far as a worker.
        let server = try await RunningServer()
        let client = Client(server)
        let failed = try await client.process(fixture("damaged.jpg"))
        #expect(failed["status"] == "failed")
        let job = try #require(failed["job_id"]?.string)
        let listed = try await client.get("/api/v1/queues/jobs?state=dead").json["jobs"]?.array ?? []
        #expect(listed.map { $0["job_id"]?.string } == [job])
        #expect(listed.first?["reason"]?["code"] != nil)
        #expect(try await client.get("/api/v1/queues").json["queues"]?.array?.first?["dead"] == 1)
        let page = try await client.get("/dashboard/queues", headers: ["Accept": "text/html"]).text
        #expect(page.contains("Somebody should look") && page.contains("requeue-\(job)"))

        #expect(try await client.send("POST", "/api/v1/queues/jobs/\(job)/cancel").status == 409)
        let requeued = try await client.send("POST", "/api/v1/queues/jobs/\(job)/requeue")
        #expect(requeued.status == 200 && requeued.json["state"] == "ready")
        let unknown = try await client.send("POST", "/api/v1/queues/jobs/01993f3e-7c4a-7b52-9d1e-3f0c5a8b2d64/requeue")
        #expect(unknown.status == 404 && unknown.json["code"] == "job_not_found")
        #expect(try await client.get("/api/v1/queues/jobs?limit=0").status == 422)
        let stranger = ["X-Forwarded-For": "203.0.113.9"]
        #expect(try await client.get("/api/v1/queues", headers: stranger).status == 403)
    }
}
