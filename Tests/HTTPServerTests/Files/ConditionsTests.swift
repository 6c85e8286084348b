import Testing

@testable import HTTPServer

struct ConditionsTests {
    @Test(arguments: [
        (nil, ByteRange.whole), ("bytes=0-0", .part(0..<1)), ("bytes=2-4", .part(2..<5)), ("bytes=7-", .part(7..<10)),
        ("bytes=-3", .part(7..<10)), ("bytes=-30", .part(0..<10)), ("bytes=0-99", .part(0..<10)),
        ("BYTES=1-2", .part(1..<3)),
        ("bytes=10-", .unsatisfiable), ("bytes=99999999999999999999-", .unsatisfiable), ("bytes=-0", .unsatisfiable),
        ("bytes=4-2", .whole), ("bytes=0-1,3-4", .whole), ("bytes=-", .whole), ("bytes=a-b", .whole),
        ("bytes=+1-2", .whole),
        ("bytes=1--2", .whole), ("items=0-1", .whole), ("bytes", .whole), ("", .whole), ("bytes=1 -2", .whole),
    ])
    func `reads a range of ten bytes`(_ header: String?, _ expected: ByteRange) {
        #expect(ByteRange(header, length: 10) == expected)
    }

    @Test func `nothing of an empty body can be asked for`() {
        #expect(ByteRange("bytes=0-", length: 0) == .unsatisfiable)
        #expect(ByteRange("bytes=-1", length: 0) == .unsatisfiable)
        #expect(ByteRange(nil, length: 0) == .whole)
    }

    @Test(arguments: [
        ("\"a\"", 304), ("W/\"a\"", 304), ("\"x\", \"a\"", 304), ("*", 304), ("\"b\"", 200), ("a", 200), ("", 200),
    ])
    func `compares entity tags weakly`(_ header: String, _ status: Int) {
        let request = Request(.get, "/", headers: ["If-None-Match": header])
        let response = Response.content([1, 2], request: request, contentType: "a/b", etag: "\"a\"")
        #expect(response.status == status)
        #expect(response.headers["ETag"] == "\"a\"")
    }

    @Test func `a range holds for the same version only`() {
        for (condition, status) in [("\"a\"", 206), ("W/\"a\"", 200), ("\"b\"", 200)] {
            let request = Request(.get, "/", headers: ["Range": "bytes=0-0", "If-Range": condition])
            #expect(Response.content([1, 2], request: request, contentType: "a/b", etag: "\"a\"").status == status)
        }
    }

    @Test func `POST knows neither ranges nor 304`() {
        let request = Request(.post, "/", headers: ["Range": "bytes=0-0", "If-None-Match": "*"])
        #expect(Response.content([1, 2], request: request, contentType: "a/b", etag: "\"a\"").status == 200)
    }
}
