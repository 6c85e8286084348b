import Kernel
import TestSupport
import Testing

@testable import ModelGateway

/// What becomes of a model's words.
@Suite(.timeLimit(.minutes(5))) struct VisionTests {
    private func look(_ replies: [FakeProvider.Reply]) async throws -> (answer: ModelAnswer, calls: [FakeProvider.Call])
    {
        let counter = Tally()
        let server = try FakeProvider { _ in
            counter.add()
            return replies[min(counter.count, replies.count) - 1]
        }
        let bench = try await GatewayBench([provider("p", .dashscope, server, .vision)])
        return (try await bench.gateway.vision(memePrompt), server.calls.all)
    }

    @Test(
        "an object is found wherever the model puts it",
        arguments: [
            goodMeme, "```json\n\(goodMeme)\n```", "Sure! Here it is:\n\(goodMeme)\nAnything else?",
            "<think>{\"ocr\":\"no\"}</think>\(goodMeme)", "{} \(goodMeme)", "{broken \(goodMeme)",
        ],
    )
    func found(text: String) async throws {
        let (answer, calls) = try await look([.says(text)])
        #expect(answer.isComplete && answer.value?["meaning"] == "a greeting" && calls.count == 1)
    }

    @Test func contentMayBeAListOfParts() async throws {
        let parts: JSON = [
            ["type": "text", "text": .string(String(goodMeme.prefix(9)))],
            ["text": .string(String(goodMeme.dropFirst(9)))],
        ]
        let reply: JSON = ["choices": [["finish_reason": "stop", "message": ["content": parts]]]]
        let (answer, _) = try await look([.json(reply)])
        #expect(answer.isComplete && answer.value?["ocr"] == "hi")
        #expect(answer.usage.inputTokens > 0)
    }

    @Test func whatIsTooLongIsCutAndWhatNobodyAskedForIsLeftOut() async throws {
        let long = String(repeating: "ab", count: 100)
        let text = #"{"ocr":" \#(long) ","meaning":null,"emotions":["JOY","bliss","anger"],"nsfw":"false","extra":1}"#
        let (answer, _) = try await look([.says(text)])
        let expected: JSON = [
            "ocr": .string(String(long.prefix(20))), "meaning": "", "emotions": ["joy", "anger"], "nsfw": false,
        ]
        #expect(answer.value == expected)
    }

    @Test("a wrong answer is asked for again once, with what is wrong")
    func repair() async throws {
        let (answer, calls) = try await look([.says(#"{"ocr":"hi"}"#), .says(goodMeme)])
        #expect(answer.isComplete && calls.count == 2)
        let messages = try #require(calls[1].body["messages"]?.array)
        #expect(messages.count == 4 && messages[2]["role"] == "assistant")
        #expect(messages[3]["content"]?.string?.contains("answer.meaning is missing") == true)
        #expect(answer.usage.requests == 2 && answer.usage.inputTokens == 22 && answer.usage.outputTokens == 14)
    }

    @Test("what stays wrong comes back as text")
    func partial() async throws {
        let (answer, calls) = try await look([.says("A cat that greets.")])
        #expect(!answer.isComplete && answer.value == nil && answer.text == "A cat that greets." && calls.count == 2)
    }

    @Test("an answer that was cut off is asked for again with twice the length")
    func cutOff() async throws {
        let (answer, calls) = try await look([.says(String(goodMeme.prefix(30)), finish: "length"), .says(goodMeme)])
        #expect(answer.isComplete && calls.map { $0.body["max_tokens"] } == [400, 800])
        let (cut, more) = try await look([.says("{\"ocr\": \"", finish: "length")])
        #expect(!cut.isComplete && more.count == 2)
    }

    @Test("a failing second call leaves the first answer")
    func failingRepair() async throws {
        let (answer, _) = try await look([.says("A cat."), .raw(500, "oops")])
        #expect(!answer.isComplete && answer.text == "A cat.")
    }

    @Test func aModelThatNeedsAnAddressIsPassedOverWithoutOne() async throws {
        let server = try FakeProvider { _ in .says(goodMeme) }
        let flash = provider("z", .zhipu, server, .vision, model: "glm-4v-flash") { $0.takesAddressesOnly = true }
        let alone = try await GatewayBench([flash])
        var prompt = memePrompt
        prompt.pictures = [ModelPicture(bytes: [1], mediaType: "image/png", width: 9, height: 9)]
        let error = await thrown { try await alone.gateway.vision(prompt) }
        #expect(error?.isPermanent == true && server.calls.all.isEmpty)
        let both = try await GatewayBench([flash, provider("d", .dashscope, server, .vision)])
        #expect(try await both.gateway.vision(prompt).model == ModelName("d/m"))
    }

    @Test func freeTextIsCompleteAsItIs() async throws {
        let server = try FakeProvider { _ in .says("Hola") }
        let bench = try await GatewayBench([provider("p", .openai, server, .chat)])
        let answer = try await bench.gateway.chat(ModelPrompt(text: "Translate: hello"))
        #expect(answer.isComplete && answer.text == "Hola" && answer.value == nil)
    }

    @Test func hostileAnswersAreReadInBoundedTime() {
        #expect(AnswerReader.object(in: String(repeating: "{", count: 100_000)) == nil)
        #expect(AnswerReader.object(in: String(repeating: "{\"a\":", count: 20_000)) == nil)
        #expect(AnswerReader.object(in: #"{"a":"}\"{"}"#) == ["a": "}\"{"])
    }
}
