import Kernel

extension JSON {
    /// Reads one YAML document of the kind that is JSON in another spelling (YAML 1.2, core schema): maps with text
    /// keys, lists and scalars. Members keep their order.
    ///
    /// - Throws: ``YAMLDocumentError`` with the line, also for anchors, aliases and tags, which JSON has not.
    package init(yaml text: String) throws(YAMLDocumentError) {
        do {
            self = try YAMLDocument(text).read()
        } catch {
            throw YAMLDocumentError(line: error.line, reason: error.reason)
        }
    }
}

/// Why a text is no YAML document that JSON can express.
package struct YAMLDocumentError: Error, Equatable {
    /// Counted from 1.
    package let line: Int
    package let reason: String
}

private struct YAMLDocument {
    private let events: YAMLEvents

    init(_ text: String) { events = YAMLEvents(text) }

    func read() throws(YAMLFailure) -> JSON {
        var root: JSON?
        while true {
            let event = try events.next()
            switch event.kind {
            case .end:
                guard let root else { throw YAMLFailure(line: event.line, reason: "there is no document") }
                return root
            case .ignorable: continue
            case .documentStart where root == nil: continue
            case .documentStart: throw YAMLFailure(line: event.line, reason: "a second document begins")
            default: root = try value(event)
            }
        }
    }

    private func value(_ event: YAMLEvent) throws(YAMLFailure) -> JSON {
        if event.hasAnchor || event.hasTag {
            throw YAMLFailure(line: event.line, reason: "anchors and tags have no form in JSON")
        }
        switch event.kind {
        case .text(let text, let isPlain): return isPlain ? plain(text) : .string(text)
        case .listStart: return try list()
        case .mapStart: return try map()
        default: throw YAMLFailure(line: event.line, reason: "a value was expected")
        }
    }

    private func list() throws(YAMLFailure) -> JSON {
        var values: [JSON] = []
        while true {
            let event = try events.next()
            if event.kind == .listEnd { return .array(values) }
            values.append(try value(event))
        }
    }

    private func map() throws(YAMLFailure) -> JSON {
        var members: [(key: String, value: JSON)] = []
        while true {
            let key = try events.next()
            if key.kind == .mapEnd { return .object(members) }
            guard case .text(let name, _) = key.kind else {
                throw YAMLFailure(line: key.line, reason: "a key must be plain text")
            }
            guard !members.contains(where: { $0.key == name }) else {
                throw YAMLFailure(line: key.line, reason: "the key \(name) stands twice")
            }
            members.append((name, try value(try events.next())))
        }
    }
}

/// A scalar without quotes by the core schema (YAML 1.2.2, 10.3.2); octal and hexadecimal stay text.
private func plain(_ text: String) -> JSON {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    default: break
    }
    guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first), text.utf8.allSatisfy(isNumeric) else {
        return .string(text)
    }
    if let integer = Int64(text) { return .integer(integer) }
    return Double(text).map(JSON.number) ?? .string(text)
}

private func isNumeric(_ byte: UInt8) -> Bool { "+-.eE0123456789".utf8.contains(byte) }
