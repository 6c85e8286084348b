/// The name or address of a `Host` header, in lower case and without its port; `nil` when there is more behind it, such
/// as in `[::1].example.org`.
package func hostName(of authority: String) -> String? {
    let text = authority.lowercased()
    let nameEnd: String.Index
    if text.hasPrefix("[") {
        guard let bracket = text.utf8.firstIndex(of: UInt8(ascii: "]")) else { return nil }
        nameEnd = text.utf8.index(after: bracket)
    } else {
        nameEnd = text.utf8.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
    }
    let port = text.utf8[nameEnd...]
    let isPort =
        port.isEmpty || port.first == UInt8(ascii: ":") && port.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    return isPort ? String(text[..<nameEnd]) : nil
}
