/// Another variable that sets the same thing: the name that a replaced system used.
///
/// A string literal is an alias whose value is written like the setting's own. The setting's own name wins over an
/// alias in the same layer, and the first alias over the next.
package struct SettingAlias: Sendable, ExpressibleByStringLiteral {
    package let name: String
    let allowed: String?
    let convert: @Sendable (String) -> String?

    package init(stringLiteral name: String) { self.init(name) }

    package init(_ name: String) {
        self.name = name
        allowed = nil
        convert = { $0 }
    }

    /// `convert` gives the value as the setting itself would be written, `nil` when it cannot be understood; then the
    /// problem says that it must be what `allowed` says, such as `a whole number of minutes`.
    package init(_ name: String, allowed: String, convert: @escaping @Sendable (String) -> String?) {
        self.name = name
        self.allowed = allowed
        self.convert = convert
    }

    /// A number of megabytes of 1,048,576 bytes, as `MAX_UPLOAD_SIZE_MB` counts them.
    package static func mebibytes(_ name: String) -> SettingAlias {
        SettingAlias(name, allowed: "a number of megabytes") { text in
            Double(text).flatMap { $0.isFinite && $0 >= 0 ? "\($0)MiB" : nil }
        }
    }

    /// A number of minutes, as `RATE_LIMIT_WINDOW_MINUTES` counts them.
    package static func minutes(_ name: String) -> SettingAlias {
        SettingAlias(name, allowed: "a number of minutes") { text in
            Double(text).flatMap { $0.isFinite && $0 >= 0 ? "\($0)m" : nil }
        }
    }
}
