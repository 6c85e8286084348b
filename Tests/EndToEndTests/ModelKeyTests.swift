import HTTPServer
import Kernel
import TestSupport
import Testing

/// Keys of models, in whole processes and whatever a provider says.
@Suite(.timeLimit(.minutes(5))) struct ModelKeyTests {
    /// Providers name the key in their errors, some of them whole.
    @Test(
        "a key stands in no log, metric, answer or page, even if a provider tells it",
        arguments: [200, 400, 401, 429, 500],
    )
    func keysAreTold(status: Int) async throws {
        let key = "AIzaSyNobodyMustEverSeeThisKey0123456789"
        let asked = Recorder<String>()
        let provider = try LocalServer { router in
            router.post("/models/{call}") { request in
                let key = request.headers["x-goog-api-key"] ?? ""
                asked.add(key)
                let error: JSON = ["code": JSON(status), "message": JSON("API key \(key) is not valid")]
                return .json(["error": error], status: status)
            }
        }
        let gemini: JSON = [
            "gemini": [
                "kind": "gemini", "url": JSON(provider.url), "keys": JSON(key),
                "models": ["gemini-3.5-flash-lite": ["purpose": ["chat"]]],
            ]
        ]
        let server = try await RunningServer(environment: [
            "PICTOR_LOG_LEVEL": "debug", "PICTOR_MODELS_PROVIDERS": gemini.text,
        ])
        let client = Client(server, token: nil)
        let picture = try sign(in: try await drawnSign())
        let begun = try await client.translate(picture, fields: ["provider": "model,embedded", "deadline": 2])
        let id = try #require(begun.json["task_id"]?.string, "\(begun.text)")
        var told = [begun.text, try await client.finished(translation: id).text]
        for path in ["/metrics", "/api/v1/models", "/stats", "/health", "/dashboard/queues", "/translate/\(id)"] {
            told.append(
                try await client.get(path, headers: ["Accept": path.hasPrefix("/d") ? "text/html" : "*/*"]).text
            )
        }
        #expect(asked.all.contains(key), "the provider was asked with it")
        await server.stop()
        told.append(server.output)
        #expect(server.output.contains("model"), "it logs")
        for text in told { #expect(!text.contains(key) && !text.contains(key.dropFirst(4))) }
    }
}
