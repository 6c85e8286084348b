import Glibc

/// The address of the other end: of the connection, or, behind a trusted proxy, of the client the proxy names.
package struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address as IPv6; IPv4 is mapped into `::ffff:0:0/96` (RFC 4291, 2.5.5.2), so that one rule fits both.
    let high: UInt64
    let low: UInt64
    package let port: UInt16

    init(high: UInt64, low: UInt64, port: UInt16) {
        self.high = high
        self.low = low
        self.port = port
    }

    /// 127.0.0.1, for requests that come from no socket.
    package static let loopback = PeerAddress(high: 0, low: 0xFFFF_7F00_0001, port: 0)

    /// Reads `192.0.2.7`, `2001:db8::1` or `[2001:db8::1]`, each with or without `:port` where that is unambiguous.
    package init?(_ text: some StringProtocol) {
        var text = String(text)
        var port: UInt16 = 0
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            port = UInt16(text[end...].dropFirst(2)) ?? 0
            text = String(text[..<end].dropFirst())
        } else if text.contains("."), let colon = text.lastIndex(of: ":"), !text.contains("::") {
            port = UInt16(text[colon...].dropFirst()) ?? 0
            text = String(text[..<colon])
        }
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(UInt32(bigEndian: four.s_addr)), port: port)
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            let (high, low) = withUnsafeBytes(of: six) {
                ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            }
            self.init(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low), port: port)
        } else {
            return nil
        }
    }

    /// What limits count by: an IPv4 address, or the first 64 bits of an IPv6 one, the least that a household has.
    package var network: String {
        isIPv4 ? description : "\(PeerAddress(high: high, low: 0, port: 0).description)/64"
    }

    package var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// Whether the other end is on this machine: 127.0.0.0/8 or ::1.
    package var isLoopback: Bool { isIPv4 ? low >> 24 & 0xFF == 127 : high == 0 && low == 1 }

    /// The address without the port, as `inet_ntop` writes it.
    package var description: String {
        if isIPv4 {
            func part(_ shift: UInt64) -> String { decimalText(Int(low >> shift & 255)) }
            return "\(part(24)).\(part(16)).\(part(8)).\(part(0))"
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let bytes = [high.bigEndian, low.bigEndian]
        guard inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// A block of addresses such as `10.0.0.0/8` or `fd00::/8`.
package struct AddressBlock: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64
    private let length: Int

    /// Reads an address, alone or with a prefix length; `nil` when it is neither.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = PeerAddress(parts[0]) else { return nil }
        var length = 128
        if parts.count == 2 {
            let width = address.isIPv4 ? 32 : 128
            guard let given = Int(parts[1]), (0...width).contains(given) else { return nil }
            length = given + 128 - width
        }
        self.length = length
        high = address.high
        low = address.low
    }

    /// Whether the address lies in the block; the port does not count.
    package func contains(_ address: PeerAddress) -> Bool {
        let highMask = length >= 64 ? UInt64.max : ~(UInt64.max >> UInt64(length))
        let lowMask = length <= 64 ? 0 : length >= 128 ? UInt64.max : ~(UInt64.max >> UInt64(length - 64))
        return (address.high ^ high) & highMask == 0 && (address.low ^ low) & lowMask == 0
    }
}
