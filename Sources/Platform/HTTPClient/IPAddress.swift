internal import CCurl
import Glibc

/// An IPv4 or IPv6 address.
package struct IPAddress: Sendable, Hashable {
    /// 4 or 16, in network order.
    let bytes: [UInt8]

    /// Reads the usual forms, without a zone; `nil` for anything else.
    package init?(_ text: String) {
        var four = [UInt8](repeating: 0, count: 4)
        var sixteen = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = four
        } else if inet_pton(AF_INET6, text, &sixteen) == 1 {
            bytes = sixteen
        } else {
            return nil
        }
    }

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The address of a socket; `nil` when it is of another family.
    init?(_ address: UnsafePointer<sockaddr>) {
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            bytes = withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in.self).sin_addr) { Array($0) }
        case AF_INET6:
            bytes = withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { Array($0) }
        default: return nil
        }
    }

    /// Whether the address belongs to the open internet, so that a stranger may name it: neither private, loopback,
    /// link-local, shared, multicast, reserved nor for documentation.
    ///
    /// Addresses that carry an IPv4 address which the network unwraps (mapped, NAT64) are judged by it; the retired
    /// tunnels (6to4, Teredo) lead anywhere and are refused.
    /// Source: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and what updates it).
    package var isPublic: Bool {
        if bytes.count == 4 { return !IPNetwork.special4.contains { $0.contains(self) } }
        if IPNetwork.carrying4.contains(where: { $0.contains(self) }) {
            return IPAddress(bytes: Array(bytes[12...])).isPublic
        }
        return IPNetwork.global6.contains(self) && !IPNetwork.special6.contains { $0.contains(self) }
    }
}

/// A range of addresses, such as `10.0.0.0/8` or `fd00::/8`.
package struct IPNetwork: Sendable, Hashable {
    private let base: IPAddress
    private let length: Int

    /// Reads `address/length`, or one address alone; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = parts.first.flatMap({ IPAddress(String($0)) }) else { return nil }
        guard let length = parts.count == 2 ? Int(parts[1]) : base.bytes.count * 8 else { return nil }
        guard (0...base.bytes.count * 8).contains(length) else { return nil }
        self.base = base
        self.length = length
    }

    /// Whether the address is of the same family and within the range.
    package func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == base.bytes.count else { return false }
        return zip(address.bytes, base.bytes).enumerated().allSatisfy { index, pair in
            let bits = min(8, max(0, length - index * 8))
            return (pair.0 ^ pair.1) & ~UInt8(truncatingIfNeeded: 0xFF >> bits) == 0
        }
    }
}

extension IPNetwork {
    fileprivate static let special4 = networks([
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    ])
    /// IPv4-mapped (RFC 4291) and NAT64 (RFC 6052).
    fileprivate static let carrying4 = networks(["::ffff:0:0/96", "64:ff9b::/96"])
    /// The only block of IPv6 from which public addresses are given out.
    fileprivate static let global6 = networks(["2000::/3"])[0]
    /// Protocol assignments (Teredo, benchmarks, ORCHID), documentation and 6to4.
    fileprivate static let special6 = networks(["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"])

    private static func networks(_ texts: [String]) -> [IPNetwork] {
        texts.map { text in
            guard let network = IPNetwork(text) else { preconditionFailure("\(text) is no network") }
            return network
        }
    }
}

/// Where a client may connect to.
package enum HTTPDestinations: Sendable, Hashable {
    case anywhere
    /// Public addresses and those of `allowing`. Checked on the address of every connection, so a name that resolves to
    /// something else later, and a redirect, get nowhere either.
    case publicOnly(allowing: [IPNetwork])

    package static let publicOnly = HTTPDestinations.publicOnly(allowing: [])

    func allows(_ address: IPAddress) -> Bool {
        switch self {
        case .anywhere: true
        case .publicOnly(let allowed): address.isPublic || allowed.contains { $0.contains(address) }
        }
    }
}
