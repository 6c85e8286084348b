import Kernel
import TestSupport
import Testing

/// The queues as operators see and change them, by command, as JSON and as a page, on both databases.
@Suite(.timeLimit(.minutes(5)))
struct QueueTests {
    /// What `pictor jobs` and the server beside it share.
    private struct Place {
        let folder: TemporaryFolder
        let settings: [String: String]

        init(_ backend: DatabaseBackend) async throws {
            folder = try TemporaryFolder()
            guard backend == .postgresql else {
                settings = [:]
                return
            }
            let postgresql = try await PostgreSQLServer.shared()
            settings = ["DATABASE_URL": postgresql.url(try await postgresql.createDatabase()).reveal()]
        }

        func serve(_ arguments: String...) async throws -> RunningServer {
            try await RunningServer(data: folder.path, environment: settings, arguments: arguments)
        }

        func jobs(_ words: String...) async throws -> ProgramRun {
            try await runProgram([binary, "jobs"] + words + ["--data", folder.path], environment: settings)
        }
    }

    @Test(arguments: DatabaseBackend.allCases)
    func commandsShowQueuesAndJobsBesideTheServer(_ backend: DatabaseBackend) async throws {
        let place = try await Place(backend)
        let server = try await place.serve()
        let done = try await Client(server).process(fixture("photo.jpg"))
        let job = try #require(done["job_id"]?.string)
        let queues = try await place.jobs("--json").output
        let images = try JSON(parsing: Array(queues.utf8)).array?.first { $0["queue"] == "images" }
        #expect(images?["done_last_minute"] == 1)
        #expect(try await place.jobs("--state", "done").output.contains(job))
        #expect(try await place.jobs("--state", "dead").output == "No job is dead.\n")
        #expect(try await place.jobs("--state", "lost").code == 64)
        for verb in ["cancel", "requeue"] {
            let run = try await place.jobs(verb, job)
            #expect(run.code == 1 && run.output.contains(job), "\(run.output)")
        }
    }

    /// Who waits for the picture hears of both, also when it is another process that changes its job.
    @Test(arguments: DatabaseBackend.allCases)
    func commandsCancelWhatWaitsAndBringItBack(_ backend: DatabaseBackend) async throws {
        let place = try await Place(backend)
        let front = try await place.serve("--no-workers")
        let client = Client(front)
        let sign = try await drawnSign()
        let upload = try await client.upload(fixture("photo.jpg"))
        let picture = try #require(upload.json["job_id"]?.string)
        let task = try #require(try await client.translate(EndToEndTests.sign(in: sign)).json["task_id"]?.string)
        let ready =
            try JSON(parsing: Array(try await place.jobs("--state", "ready", "--json").output.utf8)).array ?? []
        let ids = ready.compactMap { $0["job_id"]?.string }
        #expect(ids.count == 2 && ids.contains(picture))

        let cancelled = try await place.jobs("cancel", ids[0], ids[1])
        #expect(cancelled.code == 0 && cancelled.output.contains("\(picture) is cancelled."), "\(cancelled.output)")
        #expect(try await client.finished(job: picture)["status"] == "failed")
        let given = try await client.finished(translation: task)
        #expect(given["status"] == "failed" && given["partial_results"]?.array?.first?["state"] == "cancelled")

        let requeued = try await place.jobs("requeue", ids[0], ids[1])
        #expect(requeued.code == 0 && requeued.output == "Requeued 2 of 2 jobs.\n", "\(requeued.output)")
        #expect(try await client.get("/api/v1/images/jobs/\(picture)").json["status"] == "pending")
        #expect(try await client.get("/api/v1/translate/result/\(task)?timeout=0").json["success"] == .null)
        #expect(await front.stop() == 0)

        let server = try await place.serve()
        #expect(try await Client(server).finished(job: picture)["status"] == "completed")
        #expect(try await Client(server).finished(translation: task)["status"] == "completed")
        #expect(try await place.jobs("--state", "cancelled").output == "No job is cancelled.\n")
    }

    @Test(arguments: DatabaseBackend.allCases)
    func operatorsSeeAndChangeJobsOverHTTP(_ backend: DatabaseBackend) async throws {
        // Bad pictures are refused at the door; one whose pixels are damaged gets as far as a worker.
        let place = try await Place(backend)
        let server = try await place.serve()
        let client = Client(server)
        let failed = try await client.process(fixture("damaged.jpg"))
        #expect(failed["status"] == "failed")
        let job = try #require(failed["job_id"]?.string)
        let listed = try await client.get("/api/v1/queues/jobs?state=dead").json["jobs"]?.array ?? []
        #expect(listed.map { $0["job_id"]?.string } == [job])
        #expect(listed.first?["reason"]?["code"] != nil)
        #expect(
            try await client.get("/api/v1/queues").json["queues"]?.array?.first { $0["queue"] == "images" }?["dead"]
                == 1
        )
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

    @Test(arguments: DatabaseBackend.allCases)
    func operatorsCancelWhatWaitsOverHTTPAndBringItBack(_ backend: DatabaseBackend) async throws {
        let place = try await Place(backend)
        let front = try await place.serve("--no-workers")
        let client = Client(front)
        let job = try #require(try await client.upload(fixture("photo.jpg")).json["job_id"]?.string)
        let path = "/api/v1/queues/jobs/\(job)"
        let cancelled = try await client.send("POST", "\(path)/cancel")
        #expect(cancelled.status == 200 && cancelled.json["state"] == "cancelled")
        #expect(try await client.send("POST", "\(path)/cancel").status == 409)
        let listed = try await client.get("/api/v1/queues/jobs?state=cancelled").json["jobs"]?.array ?? []
        #expect(listed.map { $0["job_id"]?.string } == [job])
        #expect(try await client.finished(job: job)["status"] == "failed")
        #expect(try await client.send("POST", "\(path)/requeue").json["state"] == "ready")
        #expect(await front.stop() == 0)
        let server = try await place.serve()
        #expect(try await Client(server).finished(job: job)["status"] == "completed")
    }
}
