/// A value that never prints itself.
package struct Secret<Value: Sendable>: Sendable, CustomStringConvertible, CustomReflectable {
    private let value: Value
    package init(_ value: Value) { self.value = value }
    /// The only way out; easy to search for.
    package func reveal() -> Value { value }
    package var description: String { "****" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
