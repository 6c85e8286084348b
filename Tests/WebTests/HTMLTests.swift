import Testing
import Web

@Suite struct HTMLTests {
    @Test func interpolatedTextIsEscaped() {
        let name = #"<script>alert("x & 'y'")</script>"#
        let html: HTML = "<b title=\"\(name)\">\(name)</b>"
        let safe = "&lt;script&gt;alert(&quot;x &amp; &#39;y&#39;&quot;)&lt;/script&gt;"
        #expect(html.description == "<b title=\"\(safe)\">\(safe)</b>")
    }

    @Test func interpolatedMarkupIsNot() {
        let inner: HTML = "<i>\("a < b")</i>"
        let none: HTML? = nil
        let html: HTML = "<p>\(inner)\(none)\([inner, inner])\(3)</p>"
        let text = "<i>a &lt; b</i>"
        #expect(html.description == "<p>\(text)\(text)\(text)3</p>")
    }

    /// Whatever a stranger writes: no character of it can end an element or an attribute, and a browser reads back
    /// exactly what was written.
    @Test func anyTextStaysTextAndIsReadBackUnchanged() {
        var chance = SystemRandomNumberGenerator()
        let alphabet: [Character] = ["<", ">", "&", "\"", "'", "a", ";", "#", "é", "👩‍👩‍👧", "\n", "\0", "=", "/", "l", "t"]
        for _ in 0..<2000 {
            let text = String(
                (0..<Int.random(in: 0...24, using: &chance)).map { _ in
                    alphabet.randomElement(using: &chance) ?? " "
                }
            )
            let html = HTML(text: text).description
            #expect(!html.contains { "<>\"'".contains($0) }, "\(text.debugDescription)")
            #expect(unescaped(html) == text, "\(text.debugDescription)")
        }
    }
}

/// Resolves the references of HTML that we write, in the order of a browser: from left to right, once.
private func unescaped(_ html: String) -> String {
    let references = ["&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'"]
    var out = ""
    var rest = html[...]
    while let first = rest.first {
        if let (reference, text) = references.first(where: { rest.hasPrefix($0.key) }) {
            out += text
            rest = rest.dropFirst(reference.count)
        } else {
            out.append(first)
            rest = rest.dropFirst()
        }
    }
    return out
}
