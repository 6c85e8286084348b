import Kernel

/// What an answer in JSON must look like. What is merely too long is cut, so that only real mistakes are asked again.
package indirect enum AnswerShape: Sendable {
    /// One of a few words, in any case of letters.
    case choice([String])
    case flag
    case integer(ClosedRange<Int>)
    /// Elements that are no known choice are left out.
    case list(AnswerShape, maxCount: Int)
    case number(ClosedRange<Double>)
    case object([Member])
    /// Characters beyond are cut off; `null` counts as empty.
    case text(maxLength: Int)

    /// A named part of an object.
    package struct Member: Sendable {
        let name: String
        let shape: AnswerShape
        let isRequired: Bool

        /// A member that is not required and missing stays missing.
        package init(_ name: String, _ shape: AnswerShape, isRequired: Bool = true) {
            self.name = name
            self.shape = shape
            self.isRequired = isRequired
        }
    }

    /// What is wrong with an answer, in words that the model understands.
    package struct Mismatch: Error, Hashable {
        package let reason: String
    }

    /// The value brought into this shape. Members that nobody asked for are left out.
    package func fit(_ value: JSON, at path: String = "answer") throws(Mismatch) -> JSON {
        switch self {
        case .choice(let words): return try choice(value, words, path)
        case .flag: return try flag(value, path)
        case .integer(let range):
            guard let number = value.integer, let integer = Int(exactly: number) else {
                throw Mismatch(reason: "\(path) must be a whole number")
            }
            return JSON(min(max(integer, range.lowerBound), range.upperBound))
        case .list(let element, let maxCount): return try list(value, element, maxCount, path)
        case .number(let range):
            guard let number = value.number, number.isFinite else {
                throw Mismatch(reason: "\(path) must be a number")
            }
            return .number(min(max(number, range.lowerBound), range.upperBound))
        case .object(let members): return try object(value, members, path)
        case .text(let maxLength):
            if value == .null { return "" }
            guard let text = value.string else { throw Mismatch(reason: "\(path) must be a text") }
            return .string(String(trimmed(text).prefix(maxLength)))
        }
    }

    private func choice(_ value: JSON, _ words: [String], _ path: String) throws(Mismatch) -> JSON {
        let text = value.string.map(trimmed)?.lowercased()
        guard let word = words.first(where: { $0.lowercased() == text }) else {
            throw Mismatch(reason: "\(path) must be one of: " + words.joined(separator: ", "))
        }
        return .string(word)
    }

    private func flag(_ value: JSON, _ path: String) throws(Mismatch) -> JSON {
        switch (value.bool, value.string?.lowercased()) {
        case (let flag?, _): return .bool(flag)
        case (_, "true"), (_, "yes"): return true
        case (_, "false"), (_, "no"): return false
        default: throw Mismatch(reason: "\(path) must be true or false")
        }
    }

    private func list(_ value: JSON, _ element: AnswerShape, _ maxCount: Int, _ path: String) throws(Mismatch) -> JSON {
        if value == .null { return [] }
        guard let values = value.array else { throw Mismatch(reason: "\(path) must be a list") }
        var fitted: [JSON] = []
        for (index, value) in values.enumerated() where fitted.count < maxCount {
            do throws(Mismatch) {
                fitted.append(try element.fit(value, at: "\(path)[\(index)]"))
            } catch {
                guard case .choice = element else { throw error }
            }
        }
        return .array(fitted)
    }

    private func object(_ value: JSON, _ members: [Member], _ path: String) throws(Mismatch) -> JSON {
        guard case .object = value else { throw Mismatch(reason: "\(path) must be an object") }
        var fitted: [(key: String, value: JSON)] = []
        for member in members {
            if let found = value[member.name] {
                fitted.append((member.name, try member.shape.fit(found, at: "\(path).\(member.name)")))
            } else if member.isRequired {
                throw Mismatch(reason: "\(path).\(member.name) is missing")
            }
        }
        return .object(fitted)
    }
}

private func trimmed(_ text: String) -> String {
    let tail = text.drop(while: \.isWhitespace)
    guard let last = tail.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(tail[...last])
}
