internal import CYAML

/// The text is not YAML.
struct YAMLFailure: Error {
    let line: Int
    let reason: String
}

/// One event of libyaml, copied out of its memory.
struct YAMLEvent {
    enum Kind: Equatable {
        case alias, documentStart, end, ignorable, listEnd, listStart, mapEnd, mapStart
        case text(String, isPlain: Bool)
    }

    var kind: Kind
    /// Counted from 1.
    var line: Int
    var hasAnchor = false
    var hasTag = false
}

/// libyaml's parser over a text. Used by one thread at a time; it owns the C parser and frees it.
final class YAMLEvents {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>

    init(_ text: String) {
        // The parser keeps a pointer to the text, so the text gets memory that does not move.
        self.text = .allocate(capacity: text.utf8.count)
        _ = self.text.initialize(from: text.utf8)
        parser = .allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else { preconditionFailure("out of memory") }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, self.text.baseAddress, self.text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    func next() throws(YAMLFailure) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure }
        defer { yaml_event_delete(&event) }
        return copy(event)
    }

    private var failure: YAMLFailure {
        let reason = parser.pointee.problem.map { String(cString: $0) } ?? "it cannot be read"
        return YAMLFailure(line: Int(parser.pointee.problem_mark.line) + 1, reason: reason)
    }
}

private func copy(_ event: yaml_event_t) -> YAMLEvent {
    var copied = YAMLEvent(kind: .ignorable, line: Int(event.start_mark.line) + 1)
    switch event.type {
    case YAML_ALIAS_EVENT: copied.kind = .alias
    case YAML_DOCUMENT_START_EVENT: copied.kind = .documentStart
    case YAML_STREAM_END_EVENT: copied.kind = .end
    case YAML_SEQUENCE_END_EVENT: copied.kind = .listEnd
    case YAML_MAPPING_END_EVENT: copied.kind = .mapEnd
    case YAML_SEQUENCE_START_EVENT:
        copied.kind = .listStart
        copied.hasAnchor = event.data.sequence_start.anchor != nil
        copied.hasTag = event.data.sequence_start.tag != nil
    case YAML_MAPPING_START_EVENT:
        copied.kind = .mapStart
        copied.hasAnchor = event.data.mapping_start.anchor != nil
        copied.hasTag = event.data.mapping_start.tag != nil
    case YAML_SCALAR_EVENT:
        let scalar = event.data.scalar
        let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
        copied.kind = .text(String(decoding: bytes, as: UTF8.self), isPlain: isPlain)
        copied.hasAnchor = scalar.anchor != nil
        copied.hasTag = scalar.tag != nil
    default: break
    }
    return copied
}
