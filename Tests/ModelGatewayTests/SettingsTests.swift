import Configuration
import Foundation
import Kernel
import TestSupport
import Testing

@testable import ModelGateway

/// Providers and models as operators write them.
@Suite struct SettingsTests {
    private func read(
        _ file: String = "",
        environment: [String: String] = [:],
    ) throws -> (ModelGatewaySettings, SettingsCatalogue) {
        let reader = SettingsReader(SettingsLayers(file: file, environment: environment))
        let settings = ModelGatewaySettings(reader)
        return (settings, try reader.finish())
    }

    private func problems(_ file: String, environment: [String: String] = [:]) -> [String] {
        do {
            _ = try read(file, environment: environment)
            return []
        } catch {
            return (error as? SettingsError)?.problems.map(\.sentence) ?? ["\(error)"]
        }
    }

    private let file = """
        models:
          providers:
            sf:
              kind: siliconflow
              timeout: 5s
              concurrency: 3
              models:
                BAAI/bge-m3: { purpose: [embedding], rpm: 2000, tpm: 500000, price_input: 0.1 }
                Qwen/Qwen3-VL: { purpose: [vision, chat], rpd: 50, images_per_day: 40 }
            own:
              url: http://127.0.0.1:8000/v1/
              models:
                bge-m3: { purpose: [embedding], space: BAAI/bge-m3, batch: 8 }
                eye: { purpose: vision, addresses_only: true }
          use:
            vision: [own/eye, sf/Qwen/Qwen3-VL]
        """

    @Test func aSectionIsRead() throws {
        let (settings, catalogue) = try read(file, environment: ["SILICONFLOW_API_KEY": "12345678"])
        let providers = settings.providers
        #expect(providers.map(\.name) == ["sf", "own"] && providers[0].url == "https://api.siliconflow.cn/v1")
        #expect(providers[0].key?.reveal() == "12345678" && providers[1].key == nil)
        #expect(providers[0].timeout == .seconds(5) && providers[0].concurrency == 3)
        #expect(providers[1].url == "http://127.0.0.1:8000/v1" && providers[1].kind == .openAICompatible)
        let model = providers[0].models[0]
        #expect(model.quota.requestsPerMinute == 2000 && model.quota.tokensPerMinute == 500_000)
        #expect(model.dimensions == 1024 && model.price.perMillionInputTokens == 0.1)
        #expect(settings.chain(.vision).map { "\($0.name)" } == ["own/eye", "sf/Qwen/Qwen3-VL"])
        #expect(settings.chain(.embedding).map { "\($0.name)" } == ["sf/BAAI/bge-m3", "own/bge-m3"])
        #expect(catalogue["models.providers"]?.value == "sf,own")
        #expect(!catalogue.table.contains("12345678"))
    }

    @Test func aKeyInTheFileIsNotReplacedByTheEnvironment() throws {
        let file = "models: {providers: {a: {kind: jina, key: in-the-file}, b: {kind: jina, key_env: MY_KEY}}}"
        let environment = ["JINA_API_KEY": "of-the-provider", "MY_KEY": "of-mine"]
        let (settings, _) = try read(file, environment: environment)
        #expect(settings.providers.map { $0.key?.reveal() } == ["in-the-file", "of-mine"])
    }

    @Test("several keys are several projects of one section")
    func projects() throws {
        let file = """
            models:
              providers: {g: {kind: gemini, keys: "first-key second-key", models: {flash: {purpose: chat, rpm: 60}}}}
              use: {chat: [g/flash]}
            """
        let (settings, _) = try read(file)
        #expect(settings.chain(.chat).map { "\($0.name)" } == ["g/flash", "g.2/flash"])
        #expect(settings.providers.map { $0.key?.reveal() } == ["first-key", "second-key"])
    }

    @Test(
        "the original's own file of keys works unchanged",
        arguments: [
            """
            keys:
              - id: key_1
                api_key: your_gemini_api_key_here_1
              - id: key_2
                api_key: your_gemini_api_key_here_2

            """,
            """
            # One for each project.
            keys:
            - {id: key_1, api_key: "your_gemini_api_key_here_1"}
            - {id: key_2, api_key: 'your_gemini_api_key_here_2'}
            """,
            """
            {
              "keys": [
                {"id": "key_1", "api_key": "your_gemini_api_key_here_1", "limits": {"requests_per_minute": 60}},
                {"id": "key_2", "api_key": "your_gemini_api_key_here_2", "limits": {"requests_per_minute": 60}}
              ]
            }
            """,
        ],
    )
    func originalKeys(_ text: String) throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/api_keys.yaml"
        try Data(text.utf8).write(to: URL(filePath: path))
        let file = "models: {providers: {g: {kind: gemini, keys_file: \(path), models: {flash: {purpose: chat}}}}}"
        let (settings, catalogue) = try read(file)
        #expect(settings.providers.map(\.name) == ["g", "g.2"])
        #expect(
            settings.providers.map { $0.key?.reveal() } == ["your_gemini_api_key_here_1", "your_gemini_api_key_here_2"]
        )
        #expect(!catalogue.table.contains("your_gemini"))
    }

    @Test(
        "a list of keys without keys is told without what stands there",
        arguments: [
            ("keys: none-at-all", "keys is no list"),
            ("keys:\n  - id: secret-word", "entry 1 of keys has no api_key"),
            ("keys: [{id: a, api_key: b}, {id: c, api_key: 'secret word'}]", "entry 2 of keys has no api_key"),
            ("keys:\n  - id: secret-word\n api_key: b", "line 3 cannot be read"),
        ],
    )
    func badKeys(_ text: String, _ reason: String) throws {
        let text = text.replacing("\n", with: "\\n")
        let all = problems("models: {providers: {g: {kind: gemini, keys: \"\(text)\"}}}")
        #expect(all.contains { $0.contains("keys cannot be used: \(reason)") }, "\(all)")
        #expect(!all.joined().contains("secret"))
    }

    @Test("thousands of keys stand in one file")
    func manyKeys() throws {
        let lines = (1...3000).map { "  - id: key_\($0)\n    api_key: AIzaSyA-0123456789-0123456789-key-\($0)\n" }
        #expect(try projectKeys("keys:\n" + lines.joined()).count == 3000)
    }

    @Test("the names of the original are enough for a simple set-up")
    func original() throws {
        let (settings, _) = try read(
            environment: [
                "APP__EMBEDDING__PROVIDER": "siliconflow", "APP__EMBEDDING__API_KEY": "key-of-embedding",
                "APP__EMBEDDING__MODEL": "BAAI/bge-m3", "APP__VLM__PROVIDER": "qwen",
                "APP__VLM__API_KEY": "key-of-vision", "APP__VLM__MODEL": "qwen-vl-plus",
            ]
        )
        #expect(settings.chain(.embedding).map { "\($0.name)" } == ["embedding/BAAI/bge-m3"])
        #expect(settings.chain(.vision).first?.kind == .dashscope)
        #expect(settings.chain(.vision).first?.provider.key?.reveal() == "key-of-vision")
        #expect(settings.chain(.rerank).isEmpty)
        #expect(try read(environment: ["APP__EMBEDDING__PROVIDER": "local"]).0.providers.isEmpty)
    }

    @Test func aVariableMayHoldTheWholeSection() throws {
        let json = #"{"x": {"kind": "cohere", "key": "12345678", "models": {"rerank-v3.5": {"purpose": ["rerank"]}}}}"#
        let (settings, _) = try read(environment: ["PICTOR_MODELS_PROVIDERS": json])
        #expect(settings.chain(.rerank).map { "\($0.name)" } == ["x/rerank-v3.5"])
    }

    static let mistakes: [(String, String)] = [
        ("providers: {Bad: {kind: openai}}", "models.providers has a section Bad; its name must be"),
        ("providers: {a: {kind: openia}}", "In models.providers.a: kind (pictor.yaml line 2) is \"openia\""),
        ("providers: {a: {kind: openai, timout: 3}}", "did you mean timeout?"),
        ("providers: {a: {kind: openai-compatible}}", "url must be set for a provider of the kind openai-compatible"),
        ("providers: {a: {kind: jina, models: {m: {purpose: vision}}}}", "purpose is vision, which the kind jina"),
        ("providers: {a: {kind: jina, models: {m: {}}}}", "purpose must say what the model is for"),
        ("providers: {a: {kind: openai, models: {m: {purpose: embedding}}}}", "dimensions must be set"),
        ("providers: hello", "must hold sections"),
        ("providers: {a: hello}", "models.providers.a (pictor.yaml line 2) must hold settings"),
        ("use: {chat: [a/b]}", "models.use.chat names a/b, which no provider offers for chat"),
        (
            "{use: {embedding: [a/text-embedding-3-small, a/text-embedding-3-large]}, providers: {a: {kind: openai, models: {text-embedding-3-small: {purpose: embedding}, text-embedding-3-large: {purpose: embedding}}}}}",
            "whose vectors cannot be compared",
        ),
        ("vision: {provider: openai}", "models.vision.model must name a model of openai"),
        ("embedding: {provider: openai-compatible, model: bge-m3}", "models.embedding.url must be set"),
        ("embedding: {provider: gemini}", "must be one of"),
    ]

    @Test("a mistake is told with its place", arguments: mistakes)
    func mistake(_ section: String, _ sentence: String) {
        let all = problems("models:\n  \(section)")
        #expect(all.contains { $0.contains(sentence) }, "\(all)")
    }

    @Test func aMisspeltKeyIsNotPrinted() {
        let all = problems("models: {providers: {a: {kind: openai, apikey: very-secret-text}}}").joined()
        #expect(all.contains("apikey") && !all.contains("very-secret-text"))
    }
}
