import Kernel
import TestSupport
import Testing

/// The running server against its contract, by tools that other people wrote.
@Suite(.timeLimit(.minutes(20)))
struct ConformanceTests {
    private let tools = "\(repositoryRoot)/.pictor/venv/bin"

    @Test func schemathesisFindsNoUndocumentedAnswer() async throws {
        let pictures = "\(repositoryRoot)/Tests/ImagingTests/Fixtures"
        // Without the developer's free pass, so that missing credentials are refused; searches are not counted, so that
        // no 429 hides an answer.
        let server = try await RunningServer(environment: [
            "PICTOR_ACCOUNTS_LOCAL_VISIT": "false", "PICTOR_MEMES_RATE_LIMIT": "1000000",
            "PICTOR_MEMES_PULL_LOCAL_ROOTS": pictures,
        ])
        // With the permissions of the memes' writes, so that they are more than refused.
        let token = Client.token(sub: "tester", claims: ["permissions": ["memes:write", "pull"]])
        let begun = try await Client(server, token: token)
            .send(
                "POST",
                "/pull",
                headers: ["Content-Type": "application/json"],
                body: (["source": JSON("local://\(pictures)")] as JSON).bytes,
            )
        let pull = try #require(begun.json["job_id"]?.string, "\(begun.text)")
        let translation = try await translationTask(Client(server, token: token))
        let answer = try await runProgram(
            ["\(tools)/schemathesis", "run", "docs/openapi.yaml", "--url", server.url, "--no-color"],
            environment: [
                "PICTOR_TOKEN": token, "PICTOR_PULL": pull, "PICTOR_TRANSLATION": translation,
                "PYTHONDONTWRITEBYTECODE": "1",
            ],
            atMost: 1200,
        )
        #expect(answer.code == 0, "\(answer.output)")
        #expect(answer.output.contains("passed"))
        #expect(!server.output.contains("request failed"), "\(server.output)")
    }

    /// The id of a task that is finished.
    private func translationTask(_ client: Client) async throws -> String {
        let picture = JSON(try fixture("photo.jpg").base64)
        let begun = try await client.send(
            "POST",
            "/api/v1/translate",
            headers: ["Content-Type": "application/json"],
            body: (["target_language": "es", "images": [["data": picture]]] as JSON).bytes,
        )
        let id = try #require(begun.json["task_id"]?.string, "\(begun.text)")
        _ = try await client.get("/api/v1/translate/result/\(id)?since=0")
        return id
    }

    /// With PostgreSQL, Redis and S3 only; `Tests/Deployment/test_prometheus.py` finds them in processes that have them.
    private let ofOtherEngines: Set = [
        "database_connections_total", "database_pool_wait_seconds", "shared_state_command_duration_seconds",
        "shared_state_connected", "shared_state_degraded_total", "shared_state_errors_total", "storage_retries_total",
    ]

    @Test func contractIsValidOpenAPI() async throws {
        let answer = try await runProgram(["\(tools)/openapi-spec-validator", "docs/openapi.yaml"])
        #expect(answer.code == 0, "\(answer.output)")
    }

    @Test func examplesFitTheirSchemas() async throws {
        let answer = try await runProgram(["\(tools)/python", "Tests/Conformance/examples.py", "docs/openapi.yaml"])
        #expect(answer.code == 0, "\(answer.output)")
    }

    @Test func metricsAreReadByPrometheusAndListedForOperators() async throws {
        let server = try await RunningServer()
        _ = try await Client(server).process(fixture("photo.jpg"))
        let program = """
            import sys, urllib.request
            from prometheus_client.parser import text_string_to_metric_families as parse
            text = urllib.request.urlopen(sys.argv[1]).read().decode()
            assert sum(len(family.samples) for family in parse(text)) > 100
            print(*[line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")], sep="\\n")
            """
        let answer = try await runProgram(["\(tools)/python", "-c", program, "\(server.url)/metrics"])
        #expect(answer.code == 0, "\(answer.output)")
        let names = answer.output.split(separator: "\n").map(String.init)
        #expect(names.count > 20)
        let listed = try text(ofFile: "docs/operations.md").matches(
            of: /(?m)^\| `([a-z]+_[a-z_]+)(?:\{[a-z_, ]+\})?` \|/
        )
        .map { String($0.1) }
        #expect(Set(names).subtracting(listed).sorted() == [], "not in docs/operations.md")
        #expect(
            Set(listed).subtracting(names).subtracting(ofOtherEngines).sorted() == [],
            "in docs/operations.md only",
        )
    }
}
