import FoundationEssentials
import Kernel
import Testing

@testable import TextEmbedding

@Suite struct WordPieceTests {
    private let tokenizer: WordPiece
    private let template: TokenTemplate

    init() throws {
        let bytes = try miniLM().bytes(of: "tokenizer.json")
        let file = try TokenizerFile(bytes)
        tokenizer = try WordPiece(bytes, file)
        template = try TokenTemplate(file.post_processor)
    }

    @Test func idsAreThoseOfHuggingFace() throws {
        let cases = try #require(try JSON(parsing: fixture("tokens.json"))["texts"]?.array)
        #expect(cases.count > 250)
        for item in cases {
            let text = try #require(item["text"]?.string)
            let ids = try #require(item["ids"]?.array).map { Int32($0.integer ?? -1) }
            let found = template.single(tokenizer.encode(text, limit: template.room(in: 256)), limit: 256)
            #expect(found.ids == ids, "\(text.debugDescription)")
            #expect(found.secondStart == ids.count)
        }
    }

    @Test func pairsAreCutAndTypedAsHuggingFaceDoes() throws {
        let cases = try #require(try JSON(parsing: fixture("tokens.json"))["pairs"]?.array)
        let room = template.pairRoom(in: 256)
        for item in cases {
            let first = try #require(item["first"]?.string)
            let second = try #require(item["second"]?.string)
            let found = template.pair(
                tokenizer.encode(first, limit: room),
                tokenizer.encode(second, limit: room),
                limit: 256,
            )
            #expect(found.ids == item["ids"]?.array?.map { Int32($0.integer ?? -1) })
            let types = found.ids.indices.map { $0 < found.secondStart ? 0 : 1 as Int64 }
            #expect(types == item["types"]?.array?.map { $0.integer ?? -1 })
        }
    }

    @Test func anyBytesAreCutIntoKnownTokensWithinTheLimit() {
        var chance = SplitMix(state: 11)
        let pieces = [
            [0x5B, 0x43, 0x4C, 0x53, 0x5D], [0xCC, 0x81], [0xED, 0x95, 0x9C], [0], [0xF0, 0x9F, 0x98, 0x80],
        ]
        for _ in 0..<3000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0..<80, using: &chance) {
                if Bool.random(using: &chance) {
                    bytes.append(UInt8.random(in: 0...255, using: &chance))
                } else {
                    bytes += pieces[Int.random(in: 0..<pieces.count, using: &chance)].map { UInt8($0) }
                }
            }
            let limit = Int.random(in: 0..<40, using: &chance)
            let ids = tokenizer.encode(String(decoding: bytes, as: UTF8.self), limit: limit)
            #expect(ids.count <= limit)
            #expect(ids.allSatisfy { (0..<30_522).contains($0) })
        }
    }

    @Test func longTextIsCutWithoutReadingItsRest() {
        let text = String(repeating: "naïve words, again and again ", count: 200_000)
        #expect(tokenizer.encode(text, limit: 254).count == 254)
    }
}

@Suite struct TokenTemplateTests {
    @Test(arguments: [
        (10, 10, 30, 10, 10), (10, 10, 20, 10, 10), (3, 30, 20, 3, 17), (30, 3, 20, 17, 3), (30, 30, 20, 10, 10),
        (30, 30, 21, 10, 11), (11, 30, 21, 10, 11), (30, 11, 21, 11, 10), (30, 12, 21, 11, 10), (0, 30, 20, 0, 20),
        (5, 5, 0, 0, 0),
    ])
    func theLongerTextIsCutFirst(first: Int, second: Int, room: Int, left: Int, right: Int) {
        #expect(TokenTemplate.share(first, second, room: room) == (left, right))
    }

    @Test func robertaPairsHaveTwoSeparatorsAndOneType() throws {
        let text = """
            {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": true,
             "add_prefix_space": false}
            """
        let template = try TokenTemplate(JSONDecoder().decode(PostProcessor.self, from: Data(text.utf8)))
        let encoding = template.pair([7, 8], [9], limit: 20)
        #expect(encoding == Encoding(ids: [0, 7, 8, 2, 2, 9, 2], secondStart: 7))
        #expect(template.single([7, 8, 9], limit: 4).ids == [0, 7, 8, 2])
    }

    @Test func unknownProcessorIsRefused() throws {
        let processor = try JSONDecoder().decode(PostProcessor.self, from: Data(#"{"type": "Strange"}"#.utf8))
        #expect(throws: TextEmbeddingError.self) { try TokenTemplate(processor) }
    }
}

@Suite struct VocabularyReaderTests {
    @Test func tokensThatLookTheSameStayApart() throws {
        let text = #"{"model": {"vocab": {"é": 0, "e\#u{301}": 1, "\u00e9x": 2, "\"\\\n": 3, "\ud83d\ude00": 4}}}"#
        let tokens = try #require(VocabularyReader.read(Array(text.utf8)))
        #expect(tokens.map(\.id) == [0, 1, 2, 3, 4])
        #expect(tokens.map(\.text) == ["é", "e\u{301}", "éx", "\"\\\n", "😀"].map { Array($0.utf8) })
    }

    @Test(arguments: ["", "{}", #"{"vocab": {"a"#, #"{"vocab": {"a": }}"#, #"{"vocab": {"a": 1"#, #"{"vocab": [1]}"#])
    func damagedFileGivesNothing(text: String) {
        #expect(VocabularyReader.read(Array(text.utf8)) == nil)
    }
}
