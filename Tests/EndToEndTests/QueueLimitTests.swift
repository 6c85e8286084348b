import Kernel
import TestSupport
import Testing

/// What operators see of concurrency and pauses, and do about them, by page, API and command.
@Suite(.timeLimit(.minutes(5)))
struct QueueLimitTests {
    @Test func queuesTellWorkersConcurrencyAndWhatLimitsIt() async throws {
        let server = try await RunningServer(environment: ["PICTOR_WORKERS_COUNT": "3"])
        let client = Client(server, token: nil)
        // The worker starts beside the server: its first reading comes a little later.
        let limit = #"job_scaling_limiting_factor{queue="images",factor="fixed"} 1"#
        while try await !client.get("/metrics").text.contains(limit) { await Task.yield() }
        #expect(try await client.get("/metrics").text.contains(#"job_concurrency{queue="images"} 3"#))
        let queues = try await client.get("/api/v1/queues").json["queues"]
        let images = try #require(queues?.array?.first { $0["queue"] == "images" })
        #expect((images["workers"], images["concurrency"]) == (1, 3))
        #expect((images["limiting_factor"], images["paused"]) == ("fixed", []))
    }

    @Test func whatIsPausedIsSeenEverywhereAndResumedOnce() async throws {
        let server = try await RunningServer()
        let client = Client(server, token: nil)
        let html = ["Accept": "text/html"]
        let kind = "memes.embed"
        #expect(try await !client.get("/dashboard/queues", headers: html).text.contains("Resume"))
        for resumes in ["by page", "by command"] {
            try await pause(kind, server)
            let queues = try await client.get("/api/v1/queues").json["queues"]
            let queue = try #require(queues?.array?.first { $0["queue"] == "memes.embed" })
            let paused = try #require(queue["paused"]?.array?.first)
            #expect((paused["kind"], paused["state"], paused["reason"]) == (JSON(kind), "open", "timeout"))
            #expect((paused["since"], paused["resumes_at"]) == ("2026-01-01T00:00:00.000Z", .null))
            let page = try await client.get("/dashboard/queues", headers: html).text
            #expect(page.contains("Somebody should look") && page.contains("when you resume it"))
            let url = "/api/v1/queues/kinds/\(kind)/resume"
            #expect(page.contains("data-url=\"\(url)\""))
            let shown = try await pictor(["jobs"], server)
            #expect(shown.output.contains("pictor jobs resume \(kind)"), "\(shown.output)")
            if resumes == "by page" {
                let answer = try await client.send("POST", url)
                #expect((answer.status, answer.json) == (200, ["resumed": [JSON(kind)]]), "\(answer.text)")
            } else {
                let answer = try await pictor(["jobs", "resume", "memes.embed"], server)
                #expect((answer.code, answer.output) == (0, "\(kind) goes on.\n"))
            }
            let again = try await client.send("POST", url)
            #expect((again.status, again.json["code"]) == (404, "nothing_paused"))
            #expect(try await pictor(["jobs", "resume", kind], server).code != 0)
        }
    }

    private func pictor(_ line: [String], _ server: RunningServer) async throws -> ProgramRun {
        try await runProgram([binary] + line + ["--data", server.data], folder: server.data)
    }

    /// Pauses a kind as its breaker would.
    private func pause(_ kind: String, _ server: RunningServer) async throws {
        let script = """
            import sqlite3, sys
            database = sqlite3.connect(sys.argv[1], timeout=30)
            database.execute("INSERT OR REPLACE INTO job_breaker (kind, queue, state, reason, opened_at) "
                "VALUES (?, 'memes.embed', 'open', 'timeout', 1767225600000)", [sys.argv[2]])
            database.commit()
            """
        let answer = try await runProgram(["/usr/bin/python3", "-c", script, "\(server.data)/pictor.db", kind])
        #expect(answer.code == 0, "\(answer.output)")
    }
}
