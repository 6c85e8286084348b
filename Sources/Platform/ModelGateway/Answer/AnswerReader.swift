import Kernel

/// Finds the JSON object in what a model said: models wrap it in code fences, thoughts and politeness.
enum AnswerReader {
    /// Longer answers are not looked at beyond.
    private static let longest = 262_144

    /// The first balanced object that is JSON and has members; `nil` when there is none.
    static func object(in text: String) -> JSON? {
        let bytes = Array(afterThoughts(text).utf8.prefix(longest))
        var start = bytes.firstIndex(of: UInt8(ascii: "{"))
        var tries = 0
        while let begin = start, tries < 64 {
            tries += 1
            if let end = end(of: begin, in: bytes), let value = try? JSON(parsing: Array(bytes[begin...end])),
                case .object(let members) = value, !members.isEmpty
            {
                return value
            }
            start = bytes[(begin + 1)...].firstIndex(of: UInt8(ascii: "{"))
        }
        return nil
    }

    /// Reasoning models think aloud first, sometimes in JSON.
    private static func afterThoughts(_ text: String) -> Substring {
        text.firstRange(of: "</think>").map { text[$0.upperBound...] } ?? text[...]
    }

    /// The index of the brace that closes the one at `begin`; braces within strings do not count.
    private static func end(of begin: Int, in bytes: [UInt8]) -> Int? {
        var depth = 0
        var isInString = false
        var isEscaped = false
        for index in begin..<bytes.count {
            let byte = bytes[index]
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 { return index }
            default: break
            }
        }
        return nil
    }
}
