import Kernel
import Testing

@testable import HTTPServer

struct RequestTargetTests {
    private func read(_ text: String) -> RequestTarget {
        Array(text.utf8).withUnsafeBufferPointer { RequestTarget($0) }
    }

    @Test(arguments: [
        ("/", "/", ""), ("/a/b", "/a/b", ""), ("/a?b=c", "/a", "b=c"), ("/a?", "/a", ""), ("/a??b", "/a", "?b"),
        ("/a%20b", "/a b", ""), ("/%C3%A4", "/ä", ""), ("/a+b", "/a+b", ""), ("*", "*", ""), ("//a", "//a", ""),
        ("/a/", "/a/", ""), ("/.a/..b/c..", "/.a/..b/c..", ""), ("/%25", "/%", ""), ("/a?%ZZ", "/a", "%ZZ"),
        ("http://h", "/", ""), ("http://h/a?b", "/a", "b"), ("HTTP://h:80?x", "/", "x"), ("https://h/a", "/a", ""),
    ])
    func `splits and decodes`(_ text: String, _ path: String, _ query: String) {
        let target = read(text)
        #expect(target.problem == nil)
        #expect(target.path == path)
        #expect(String(decoding: Array(text.utf8)[target.query], as: UTF8.self) == query)
    }

    @Test(arguments: [
        "/..", "/../a", "/a/..", "/a/../b", "/.", "/a/./b", "/%2e%2e/a", "/%2E", "/a/%2e%2e", "/.%2e/", "/a%2Fb",
        "/a%2fb",
        "/a%00", "/a%0A", "/a%0d", "/a%1F", "/a%7f", "/a%", "/a%2", "/a%zz", "/%FF", "/%C3", "/%ED%A0%80", "/%C0%AF",
        "a", "a:80", "ftp://h/a", "http://", "http:///a", "http://u@h/", "http://a@b:c@d/", "/a#b", "http://h/#b", "**",
        "",
    ])
    func `refuses what two programs could read differently`(_ text: String) {
        let target = read(text)
        #expect(target.problem?.status == 400)
        #expect(target.path == "")
    }

    @Test func `an absolute target goes before Host`() {
        #expect(Request(.get, "http://h:1/a", headers: ["Host": "b"]).host == "h:1")
        #expect(Request(.get, "/a", headers: ["Host": "b"]).host == "b")
    }
}

struct QueryTests {
    @Test func `reads pairs as forms write them`() {
        let query = Query("a=1&b=x+y&a=2&c&d=&e=%C3%A4%26%3D&f=%zz%&g==&&%68=h")
        #expect(query["a"] == "1")
        #expect(query.all("a") == ["1", "2"])
        #expect(query["b"] == "x y")
        #expect(query["c"] == "")
        #expect(query["d"] == "")
        #expect(query["e"] == "ä&=")
        #expect(query["f"] == "%zz%")
        #expect(query["g"] == "=")
        #expect(query["h"] == "h")
        #expect(query["i"] == nil)
        #expect(Query("").isEmpty)
    }

    private enum Order: String, CaseIterable { case newest, oldest }

    @Test func `typed parameters say what is wrong with them`() throws {
        let request = Request(.get, "/?limit=5&wide=yes&order=oldest&bad=x&ratio=nan&time=2026-01-01T00:00:00Z")
        #expect(try request.query("limit", as: Int.self) == 5)
        #expect(try request.query("wide", as: Bool.self) == true)
        #expect(try request.query("order", as: Order.self) == .oldest)
        #expect(try request.query("none", as: Int.self) == nil)
        #expect(try request.query("time", as: Timestamp.self)?.milliseconds == 1_767_225_600_000)
        #expect(throws: HTTPError.invalidParameter(name: "bad", reason: "Use a whole number.")) {
            try request.query("bad", as: Int.self)
        }
        #expect(throws: HTTPError.invalidParameter(name: "ratio", reason: "Use a number.")) {
            try request.query("ratio", as: Double.self)
        }
        #expect(throws: HTTPError.invalidParameter(name: "bad", reason: "Use one of newest, oldest.")) {
            try request.query("bad", as: Order.self)
        }
    }
}

struct HeadersTests {
    @Test(arguments: ["a\r\nSet-Cookie: b", "a\nb: c", "a\rb", "a\0b", "\u{7F}", "a\u{1}", "\r\n\r\n<html>"])
    func `no value can end its line`(_ value: String) {
        var headers: Headers = ["X-First": value]
        headers.append("X-Second", value)
        headers["X-Third"] = value
        headers.setIfAbsent("X-Fourth", value)
        var out: [UInt8] = []
        headers.write(to: &out)
        let lines = out.split(separator: 10)
        #expect(lines.count == 4)
        #expect(
            lines.allSatisfy {
                $0.last == 13 && $0.starts(with: "X-".utf8) && !$0.dropLast().contains(where: isControlByte)
            }
        )
    }

    @Test func `every control byte is one, and nothing else`() {
        #expect((UInt8(0)...255).filter(isControlByte) == Array(0..<9) + Array(10..<32) + [127])
        let tokens = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        #expect((UInt8(0)...255).filter(isTokenByte) == tokens.utf8.sorted())
    }

    @Test func `names compare without case and keep their order`() {
        var headers: Headers = ["A": "1", "b": "2", "a": "3"]
        #expect(headers["a"] == "1")
        #expect(headers.all("A") == ["1", "3"])
        #expect(headers.contains("B"))
        headers["A"] = "4"
        #expect(headers.all("a") == ["4"])
        headers["b"] = nil
        #expect(headers.map { "\($0.0)=\($0.1)" } == ["A=4"])
        #expect(headers.count == 1)
        headers.setIfAbsent("a", "5")
        #expect(headers["a"] == "4")
        // Only letters have a case: these differ by the same bit.
        headers.append("x^", "1")
        #expect(!headers.contains("x~"))
    }

    @Test func `only missing fields are added`() {
        let defaults: Headers = ["X-A": "default", "X-B": "default"]
        var none: Headers = ["C": "1"]
        none.addMissing(defaults)
        #expect(none.map { "\($0.0)=\($0.1)" } == ["C=1", "X-A=default", "X-B=default"])
        var some: Headers = ["x-a": "own", "D": "2"]
        some["D"] = nil
        some.addMissing(defaults)
        #expect(some.map { "\($0.0)=\($0.1)" } == ["x-a=own", "X-B=default"])
    }

    @Test func `lists are read item by item`() {
        let headers: Headers = ["Connection": "Upgrade ,\tclose", "Connection": "x"]
        #expect(headers.listContains("connection", "CLOSE"))
        #expect(headers.listContains("connection", "x"))
        #expect(!headers.listContains("connection", "clos"))
    }

    @Test func `every status has a phrase or none and stays one line`() {
        #expect(reasonPhrase(of: 200) == "OK")
        #expect(reasonPhrase(of: 431) == "Request Header Fields Too Large")
        #expect((100..<600).allSatisfy { !reasonPhrase(of: $0).utf8.contains(where: isControlByte) })
    }
}

struct PeerAddressTests {
    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7", 0), ("192.0.2.7:80", "192.0.2.7", 80), ("2001:db8::1", "2001:db8::1", 0),
        ("[2001:db8::1]:443", "2001:db8::1", 443), ("[::1]", "::1", 0), ("::ffff:192.0.2.7", "192.0.2.7", 0),
        ("::", "::", 0),
    ])
    func `reads`(_ text: String, _ description: String, _ port: Int) throws {
        let address = try #require(PeerAddress(text))
        #expect(address.description == description)
        #expect(address.port == UInt16(port))
    }

    @Test(arguments: [
        "", "unknown", "192.0.2", "192.0.2.256", "192.0.2.07x", "1:2", "[::1", "example.org", "::1%lo", "_a",
    ])
    func `reads nothing else`(_ text: String) { #expect(PeerAddress(text) == nil) }

    @Test func `knows this machine`() {
        for text in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            #expect(PeerAddress(text)?.isLoopback == true)
        }
        for text in ["128.0.0.1", "::2", "10.0.0.1"] { #expect(PeerAddress(text)?.isLoopback == false) }
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.0.0.7", "10.0.0.7", true),
        ("10.0.0.7", "10.0.0.8", false), ("0.0.0.0/0", "9.9.9.9", true), ("0.0.0.0/0", "2001:db8::", false),
        ("::/0", "2001:db8::", true), ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::", false),
        ("2001:db8::/65", "2001:db8::7fff:0:0:1", true), ("2001:db8::/65", "2001:db8::8000:0:0:1", false),
        ("10.1.2.3/31", "10.1.2.2", true), ("10.1.2.3/31", "10.1.2.4", false),
    ])
    func `a block holds its addresses`(_ block: String, _ address: String, _ holds: Bool) throws {
        #expect(try #require(AddressBlock(block)).contains(try #require(PeerAddress(address))) == holds)
    }

    @Test(arguments: ["10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/", "/8", "a/8", "10.0.0.0/8/8", ""])
    func `a block is nothing else`(_ text: String) { #expect(AddressBlock(text) == nil) }
}
