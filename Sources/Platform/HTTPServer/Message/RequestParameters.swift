import Kernel

/// The values that a route's pattern took from the path.
package struct PathParameters: Sendable {
    let names: [String]
    let values: [String]

    /// The decoded value of `{name}`.
    package subscript(name: String) -> String? { names.firstIndex(of: name).map { values[$0] } }
}

extension Request {
    package var parameters: PathParameters {
        PathParameters(names: route?.parameterNames ?? [], values: parameterValues)
    }

    /// The path parameter `{name}`.
    ///
    /// - Throws: ``HTTPError/notFound`` when it is not a value of that type: such an address leads nowhere.
    package func path<Value: ParameterConvertible>(_ name: String, as type: Value.Type) throws -> Value {
        guard let text = parameters[name], let value = Value(parameter: text) else { throw HTTPError.notFound }
        return value
    }

    /// The query parameter of that name; `nil` when it is not there.
    ///
    /// - Throws: ``HTTPError/invalidParameter(name:reason:)`` when it is not a value of that type.
    package func query<Value: ParameterConvertible>(_ name: String, as type: Value.Type) throws -> Value? {
        guard let text = query[name] else { return nil }
        guard let value = Value(parameter: text) else {
            throw HTTPError.invalidParameter(name: name, reason: "Use \(Value.expectation).")
        }
        return value
    }

    /// The query parameter of that name, one of the cases of an enumeration; `nil` when it is not there.
    ///
    /// - Throws: ``HTTPError/invalidParameter(name:reason:)`` when it is none of them.
    package func query<Value: RawRepresentable & CaseIterable>(_ name: String, as type: Value.Type) throws -> Value?
    where Value.RawValue == String {
        guard let text = query[name] else { return nil }
        guard let value = Value(rawValue: text) else {
            let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw HTTPError.invalidParameter(name: name, reason: "Use one of \(known).")
        }
        return value
    }
}
