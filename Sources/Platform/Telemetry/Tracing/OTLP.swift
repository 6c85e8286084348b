import Kernel

/// The body of an OTLP/HTTP export request in JSON (https://opentelemetry.io/docs/specs/otlp/, JSON Protobuf encoding):
/// ids in hexadecimal, 64-bit numbers as text.
func otlpRequest(_ spans: [SpanRecord], resource: KeyValuePairs<String, String>) -> [UInt8] {
    let scope: JSON = ["scope": ["name": "pictor"], "spans": JSON(spans.map(otlpSpan))]
    let resource: JSON = ["attributes": otlpAttributes(resource.map { ($0.key, $0.value) })]
    return (["resourceSpans": [["resource": resource, "scopeSpans": [scope]]]] as JSON).bytes
}

private func otlpSpan(_ span: SpanRecord) -> JSON {
    var json: JSON = [
        "traceId": .string(span.context.traceID),
        "spanId": .string(span.context.spanID),
        "name": .string(span.name),
        "kind": .integer(Int64(span.kind.rawValue)),
        "startTimeUnixNano": .string("\(span.start)"),
        "endTimeUnixNano": .string("\(span.end)"),
        "attributes": otlpAttributes(span.attributes),
    ]
    if let parent = span.parentID { json["parentSpanId"] = .string(parent) }
    // STATUS_CODE_ERROR is 2; a span without a status is a good one.
    if let problem = span.problem { json["status"] = ["code": 2, "message": .string(problem)] }
    return json
}

private func otlpAttributes(_ attributes: [(key: String, value: String)]) -> JSON {
    JSON(attributes.map { ["key": .string($0.key), "value": ["stringValue": .string($0.value)]] })
}
