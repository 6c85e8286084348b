import Kernel

extension AnswerShape {
    /// JSON Schema as providers of strict answers take it: every member is required, none may be added, and what they
    /// do not know (lengths, bounds) is left to ``fit(_:at:)``.
    var jsonSchema: JSON {
        switch self {
        case .choice(let words): ["type": "string", "enum": JSON(words)]
        case .flag: ["type": "boolean"]
        case .integer: ["type": "integer"]
        case .list(let element, _): ["type": "array", "items": element.jsonSchema]
        case .number: ["type": "number"]
        case .text: ["type": "string"]
        case .object(let members):
            [
                "type": "object", "properties": .object(members.map { ($0.name, $0.shape.jsonSchema) }),
                "required": JSON(members.map(\.name)), "additionalProperties": false,
            ]
        }
    }

    /// The `responseSchema` of Gemini: upper-case types, and the order of the members.
    var geminiSchema: JSON {
        switch self {
        case .choice(let words): ["type": "STRING", "enum": JSON(words)]
        case .flag: ["type": "BOOLEAN"]
        case .integer(let range):
            ["type": "INTEGER", "minimum": JSON(range.lowerBound), "maximum": JSON(range.upperBound)]
        case .list(let element, let maxCount):
            ["type": "ARRAY", "items": element.geminiSchema, "maxItems": JSON(maxCount)]
        case .number: ["type": "NUMBER"]
        case .text: ["type": "STRING"]
        case .object(let members):
            [
                "type": "OBJECT", "properties": .object(members.map { ($0.name, $0.shape.geminiSchema) }),
                "required": JSON(members.filter(\.isRequired).map(\.name)),
                "propertyOrdering": JSON(members.map(\.name)),
            ]
        }
    }
}
