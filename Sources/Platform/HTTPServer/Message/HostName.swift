/// The name or address of a `Host` header, in lower case and without its port; `nil` when there is more behind it, such
/// as in `[::1].example.org`.
package func hostName(of authority: String) -> String? {
    let text = authority.lowercased()
    let nameEnd: String.Index
    if text.hasPrefix("[") {
        guard let bracket = text.firstIndex(of: "]") else { return nil }
        nameEnd = text.index(after: bracket)
    } else {
        nameEnd = text.firstIndex(of: ":") ?? text.endIndex
    }
    let port = text[nameEnd...]
    let isPort = port.isEmpty || port.first == ":" && port.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    return isPort ? String(text[..<nameEnd]) : nil
}
