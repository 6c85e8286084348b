import Kernel

/// A moment, exact as sent; the script makes it relative and keeps the exact one for hovering.
package func moment(_ time: Timestamp) -> HTML {
    "<time datetime=\"\(time.rfc3339)\">\(String(time.rfc3339.prefix(16)).replacing("T", with: " ")) UTC</time>"
}

/// A size with unit, such as `2.4 MB`; powers of ten, as file managers and networks count.
package func byteCount(_ bytes: Int) -> String {
    var value = Double(bytes)
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 999.5 || unit == "GB" {
            let isWhole = unit == "B" || value >= 99.5
            return "\(isWhole ? String(Int(value.rounded())) : oneDecimal(value)) \(unit)"
        }
        value /= 1000
    }
    return ""
}

/// A duration such as `420 ms`, `1.3 s` or `2 min 5 s`.
package func elapsed(_ duration: Duration) -> String {
    let milliseconds = max(0, duration.milliseconds)
    if milliseconds < 1000 { return "\(milliseconds) ms" }
    if milliseconds < 60_000 { return "\(oneDecimal(Double(milliseconds) / 1000)) s" }
    return "\(milliseconds / 60_000) min \(milliseconds / 1000 % 60) s"
}

/// A number with its thousands set apart by a thin space.
package func grouped(_ number: Int) -> String {
    let digits = String(number.magnitude)
    let groups = digits.indices.reversed().map { index in
        let place = digits.distance(from: index, to: digits.endIndex)
        return (place % 3 == 0 && index != digits.startIndex ? "\u{202F}" : "") + String(digits[index])
    }
    return (number < 0 ? "−" : "") + groups.reversed().joined()
}

/// Three decimals, as styles and facts write them.
package func decimal(_ value: Double) -> String {
    let thousandths = Int((value * 1000).rounded())
    let rest = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
}

private func oneDecimal(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
}

/// What would be here, and the way to it.
package func emptyState(_ icon: Icon, _ sentence: String, action: HTML? = nil) -> HTML {
    "<div class=\"empty\">\(icon.html)<p>\(sentence)</p>\(action)</div>"
}

/// A button that copies `text`, in which the script replaces `{origin}` by this server's address and `{auth}` by what
/// curl needs to show the token.
package func copyButton(_ text: String, _ word: String) -> HTML {
    "<button type=\"button\" class=\"quiet copy\" data-copy=\"\(text)\">\(Icon.copy.html)<span>\(word)</span></button>"
}

/// A fact: a word and its value.
package func fact(_ name: String, _ value: HTML) -> HTML { "<div><dt>\(name)</dt><dd>\(value)</dd></div>" }
