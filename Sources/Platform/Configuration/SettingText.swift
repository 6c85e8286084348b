/// What a text may be, and how that is said to people.
package struct SettingText: Sendable {
    let allowed: String
    let isAllowed: @Sendable (String) -> Bool

    /// Text without control characters, at most `maxLength` bytes of UTF-8.
    package static func upTo(_ maxLength: Int) -> SettingText {
        SettingText(allowed: "text of 1 to \(maxLength) bytes without control characters") {
            !$0.isEmpty && $0.utf8.count <= maxLength && !hasControlCharacters($0)
        }
    }

    /// Text that `pattern` matches from the first to the last character. `allowed` completes "it must be …", such as
    /// `a host name`.
    package static func matching(_ pattern: Regex<Substring>, _ allowed: String) -> SettingText {
        // A Regex is not Sendable because its transforms may not be; one that gives a Substring has none.
        nonisolated(unsafe) let pattern = pattern
        return SettingText(allowed: allowed) {
            $0.utf8.count <= 4096 && !hasControlCharacters($0) && (try? pattern.wholeMatch(in: $0)) != nil
        }
    }

    /// Text that `isAllowed` accepts. `allowed` completes "it must be …".
    package static func `where`(_ allowed: String, _ isAllowed: @escaping @Sendable (String) -> Bool) -> SettingText {
        SettingText(allowed: allowed) { $0.utf8.count <= 4096 && !hasControlCharacters($0) && isAllowed($0) }
    }
}

func hasControlCharacters(_ text: String) -> Bool {
    text.utf8.contains { $0 < 0x20 || $0 == 0x7F }
}
