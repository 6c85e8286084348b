import Kernel

/// A value that a path or query parameter can be read as.
package protocol ParameterConvertible {
    /// - Parameter parameter: The decoded text; `nil` comes back when it is not a value of this type.
    init?(parameter: String)
    /// What is expected, for the error: "Use …".
    static var expectation: String { get }
}

extension String: ParameterConvertible {
    package init?(parameter: String) { self = parameter }
    package static var expectation: String { "a text" }
}

extension Int: ParameterConvertible {
    package init?(parameter: String) { self.init(parameter) }
    package static var expectation: String { "a whole number" }
}

extension Int64: ParameterConvertible {
    package init?(parameter: String) { self.init(parameter) }
    package static var expectation: String { "a whole number" }
}

extension Double: ParameterConvertible {
    package init?(parameter: String) {
        guard let value = Double(parameter), value.isFinite else { return nil }
        self = value
    }
    package static var expectation: String { "a number" }
}

extension Bool: ParameterConvertible {
    package init?(parameter: String) {
        switch parameter.lowercased() {
        case "true", "1", "yes", "on": self = true
        case "false", "0", "no", "off": self = false
        default: return nil
        }
    }
    package static var expectation: String { "true or false" }
}

extension ID: ParameterConvertible {
    package init?(parameter: String) { self.init(parameter) }
    package static var expectation: String { "a UUID" }
}

extension Timestamp: ParameterConvertible {
    package init?(parameter: String) { self.init(rfc3339: parameter) }
    package static var expectation: String { "a time such as 2026-11-24T14:15:03Z" }
}
