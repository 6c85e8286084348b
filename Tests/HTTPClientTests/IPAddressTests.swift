import HTTPClient
import Testing

@Suite struct IPAddressTests {
    @Test(
        "addresses that a stranger must not reach",
        arguments: [
            "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
            "172.31.255.255", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1",
            "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1",
            "2001::1", "2001:db8::1", "fc00::1", "fe80::1", "ff02::1", "192.0.0.8", "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2001:0:4136:e378::", "::127.0.0.1", "3fff::1", "100::1",
        ],
    )
    func isNotPublic(text: String) { #expect(IPAddress(text)?.isPublic == false) }

    @Test(
        "addresses of the open internet",
        arguments: [
            "1.1.1.1", "8.8.8.8", "100.63.255.255", "172.32.0.1", "192.167.255.255", "2606:4700::1111",
            "::ffff:8.8.8.8", "64:ff9b::808:808",
        ],
    )
    func isPublic(text: String) { #expect(IPAddress(text)?.isPublic == true) }

    @Test(
        "what is no address is none",
        arguments: ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "0x7f.1", "2130706433", "::g", "fe80::1%eth0", " 1.1.1.1"],
    )
    func isNone(text: String) { #expect(IPAddress(text) == nil) }

    @Test func networkHoldsItsRange() throws {
        let network = try #require(IPNetwork("10.1.128.0/17"))
        for (text, isInside) in [("10.1.255.255", true), ("10.1.127.255", false), ("::1", false)] {
            let address = try #require(IPAddress(text))
            #expect(network.contains(address) == isInside, "\(text)")
        }
        #expect(IPNetwork("10.0.0.0/33") == nil)
    }
}
