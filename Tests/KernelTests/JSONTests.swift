import Foundation
import Kernel
import Testing

@Suite struct JSONTests {
    @Test("a value is written compactly, members in the order given")
    func compact() {
        let value: JSON = ["b": 1, "a": [true, nil, 1.5, "x"], "empty": [:], "none": []]
        #expect(value.text == #"{"b":1,"a":[true,null,1.5,"x"],"empty":{},"none":[]}"#)
    }

    @Test("for people it is indented by two spaces")
    func pretty() {
        let value: JSON = ["a": [1, 2], "b": [:], "c": ["d": nil]]
        #expect(
            value.prettyText == """
                {
                  "a": [
                    1,
                    2
                  ],
                  "b": {},
                  "c": {
                    "d": null
                  }
                }
                """
        )
    }

    static let strings: [(text: String, written: String)] = [
        ("", #""""#), ("\"\\/", #""\"\\/""#), ("\n\r\t", #""\n\r\t""#),
        ("\u{0}\u{1F}\u{7F}", "\"\\u0000\\u001f\u{7F}\""),
        ("ü é 漢 \u{1F600}", "\"ü é 漢 \u{1F600}\""), ("\u{2028}</script>", "\"\u{2028}</script>\""),
        ("e\u{301}", "\"e\u{301}\""),
    ]

    @Test("strings are escaped where they must be, and nowhere else", arguments: strings)
    func escapes(example: (text: String, written: String)) throws {
        #expect(JSON.string(example.text).text == example.written)
        #expect(JSON.object([(example.text, 1)]).text == "{\(example.written):1}")
        #expect(try JSON(parsing: Array(example.written.utf8)).string?.utf8.elementsEqual(example.text.utf8) == true)
    }

    static let numbers: [(value: JSON, written: String)] = [
        (JSON.integer(.max), "9223372036854775807"), (JSON.integer(.min), "-9223372036854775808"), (1.0, "1"),
        (-0.5, "-0.5"), (0.1, "0.1"), (JSON.number(.infinity), "null"), (JSON.number(.nan), "null"),
        (JSON.number(1e300), "1e+300"), (JSON.number(.leastNonzeroMagnitude), "5e-324"),
    ]

    @Test("numbers are written in the shortest form that reads back", arguments: numbers)
    func number(example: (value: JSON, written: String)) {
        #expect(example.value.text == example.written)
    }

    @Test("what was written reads back as the same value, for 500 random values", arguments: 1...5)
    func roundTrip(seed: UInt64) throws {
        var chance = Xorshift(seed: seed)
        for _ in 0..<100 {
            let value = randomValue(depth: 4, using: &chance)
            #expect(try JSON(parsing: value.bytes) == value, "\(value.text)")
            #expect(try JSON(parsing: Array(value.prettyText.utf8)) == value)
        }
    }

    @Test("Foundation reads every text that we write", arguments: 6...8)
    func foundation(seed: UInt64) throws {
        var chance = Xorshift(seed: seed)
        for _ in 0..<100 {
            let value = randomValue(depth: 3, using: &chance)
            let read = try JSONDecoder().decode(JSON.self, from: Data(value.bytes))
            #expect(read == value)
            #expect(try JSON(parsing: Array(try JSONEncoder().encode(value))) == value)
        }
    }

    @Test("damaged texts are refused or read, and never trap", arguments: 1...4)
    func fuzz(seed: UInt64) throws {
        var chance = Xorshift(seed: seed)
        let text = Array(#"{"a":[1,2.5e3,"x\u00e9\n",null,true],"b":{"c":[[],{}]},"d":-0}"#.utf8)
        for _ in 0..<2000 {
            var damaged = text
            for _ in 0..<Int.random(in: 1...4, using: &chance) {
                let index = Int.random(in: 0..<damaged.count, using: &chance)
                switch Int.random(in: 0..<3, using: &chance) {
                case 0: damaged[index] = UInt8.random(in: 0...255, using: &chance)
                case 1: damaged.remove(at: index)
                default: damaged.insert(damaged[Int.random(in: 0..<damaged.count, using: &chance)], at: index)
                }
            }
            guard let value = try? JSON(parsing: damaged) else { continue }
            #expect(try JSON(parsing: value.bytes) == value)
        }
    }

    @Test(
        "what is no JSON value is refused",
        arguments: ["", " ", "{", "[1,]x", "nul", "'a'", "{\"a\":1}}", "[1 2]", "\"\u{1}", "01", "+1", "[NaN]"],
    )
    func refuses(text: String) { #expect(throws: (any Error).self) { try JSON(parsing: Array(text.utf8)) } }

    @Test("members are read, changed, added and removed by key")
    func members() {
        var value: JSON = ["a": 1, "b": "x"]
        value["a"] = 2
        value["c"] = true
        value["b"] = nil
        #expect(value.text == #"{"a":2,"c":true}"#)
        #expect(value["a"]?.integer == 2)
        #expect(value["zzz"] == nil)
        #expect(JSON.string("x")["a"] == nil)
        #expect(value.merging(["a": 3, "d": nil]).text == #"{"a":3,"c":true,"d":null}"#)
    }

    @Test("equality knows no order of members, and one number is one number")
    func equality() {
        let (left, right): (JSON, JSON) = (["a": 1, "b": [1.0]], ["b": [1], "a": 1.0])
        #expect(left == right)
        #expect(left != ["a": 1])
        let (one, two): (JSON, JSON) = ([1, 2], [2, 1])
        #expect(one != two)
        #expect(JSON.null != JSON.bool(false))
    }

    private func randomValue(depth: Int, using chance: inout Xorshift) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &chance) {
        case 0: .null
        case 1: .bool(.random(using: &chance))
        case 2: .integer(.random(in: .min ... .max, using: &chance))
        case 3: .number(Double(Int.random(in: -9999...9999, using: &chance)) / 64)
        case 4, 5: .string(randomText(using: &chance))
        case 6:
            .array(
                (0..<Int.random(in: 0...4, using: &chance)).map { _ in randomValue(depth: depth - 1, using: &chance) }
            )
        default:
            .object(
                (0..<Int.random(in: 0...4, using: &chance)).map { index in
                    ("\(index)\(randomText(using: &chance))", randomValue(depth: depth - 1, using: &chance))
                }
            )
        }
    }

    private func randomText(using chance: inout Xorshift) -> String {
        let alphabet: [Unicode.Scalar] = [
            "a", "\"", "\\", "\n", "\u{0}", "\u{1F}", "/", "é", "漢", "\u{1F600}", "\u{2029}",
        ]
        var text = ""
        for _ in 0..<Int.random(in: 0...8, using: &chance) {
            text.unicodeScalars.append(alphabet[Int.random(in: 0..<alphabet.count, using: &chance)])
        }
        return text
    }
}

/// Source: George Marsaglia, "Xorshift RNGs", 2003.
struct Xorshift: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
