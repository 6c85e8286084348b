import Kernel
import Testing

@testable import HTTPServer

struct PathPatternTests {
    @Test func `splits into segments`() {
        #expect(PathPattern("/").segments == [.literal("")])
        #expect(PathPattern("/a/{id}/b").segments == [.literal("a"), .parameter, .literal("b")])
        #expect(PathPattern("/a/{path...}").segments == [.literal("a"), .rest])
        #expect(PathPattern("/a/{id}/{path...}").names == ["id", "path"])
        #expect(PathPattern("/a/").segments == [.literal("a"), .literal("")])
    }
}

struct RouterTests {
    private func text(_ router: Router, _ method: Method, _ target: String) async throws -> String {
        let response = await router.respond(to: Request(method, target))
        return "\(response.status) " + String(decoding: try await response.body.collect(), as: UTF8.self)
    }

    /// A handler that tells which pattern answered and with which values.
    private func tell(_ name: String) -> Handler {
        { request in .text("\(name) \(request.parameters.values.joined(separator: ","))") }
    }

    private func router(_ patterns: [String]) -> Router {
        var router = Router()
        for pattern in patterns { router.get(pattern, tell(pattern)) }
        return router
    }

    @Test(arguments: [
        ("/", "200 / "), ("/a", "200 /a "), ("/b", "200 /{x} b"), ("/a/b", "200 /a/b "), ("/a/c", "200 /a/{y} c"),
        ("/z/b", "200 /{x}/b z"), ("/z/z", "200 /{rest...} z/z"), ("/a/b/c/", "200 /{rest...} a/b/c/"),
        ("/a%20b", "200 /{x} a b"), ("/files/x/y", "200 /files/{path...} x/y"),
    ])
    func `literal segments win over parameters whatever the order`(_ target: String, _ expected: String) async throws {
        let patterns = ["/", "/a", "/{x}", "/a/b", "/a/{y}", "/{x}/b", "/{rest...}", "/files/{path...}"]
        #expect(try await text(router(patterns), .get, target) == expected)
        #expect(try await text(router(patterns.reversed()), .get, target) == expected)
    }

    @Test func `a trailing slash and an empty segment count`() async throws {
        let router = router(["/a", "/b/{x}"])
        for target in ["/a/", "//a", "/b/", "/b//", "/A"] {
            #expect(try await text(router, .get, target).hasPrefix("404"))
        }
    }

    @Test func `another method is 405 and says which are allowed`() async {
        var router = Router()
        router.get("/a/{x}") { _ in .noContent() }
        router.post("/a/{x}") { _ in .noContent() }
        router.delete("/a/b") { _ in .noContent() }
        let response = await router.respond(to: Request(.put, "/a/b"))
        #expect(response.status == 405)
        #expect(response.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, POST")
        let unknown = await router.respond(to: Request("BREW", "/a/c"))
        #expect(unknown.headers["Allow"] == "GET, HEAD, OPTIONS, POST")
        let missing = await router.respond(to: Request(.put, "/x"))
        #expect(missing.status == 404)
    }

    @Test func `OPTIONS lists the methods unless a route answers it`() async {
        var router = Router()
        router.get("/a") { _ in .noContent() }
        router.add(.options, "/own") { _ in .text("own") }
        let response = await router.respond(to: Request(.options, "/a"))
        #expect(response.status == 204)
        #expect(response.headers["Allow"] == "GET, HEAD, OPTIONS")
        #expect(await router.respond(to: Request(.options, "/own")).status == 200)
    }

    @Test func `a method that the literal lacks is sought among the parameters`() async throws {
        var router = Router()
        router.post("/a/upload", tell("literal"))
        router.get("/a/{x}", tell("parameter"))
        #expect(try await text(router, .get, "/a/upload") == "200 parameter upload")
        #expect(try await text(router, .post, "/a/upload") == "200 literal ")
    }

    @Test func `HEAD is answered by GET without a body`() async throws {
        let router = router(["/a"])
        let response = await router.respond(to: Request(.head, "/a"))
        #expect(response.status == 200)
        #expect(response.body.length == 3)
        #expect(try await response.body.collect() == [])
        let missing = await router.respond(to: Request(.head, "/b"))
        #expect(missing.status == 404)
        #expect(try await missing.body.collect() == [])
    }

    @Test func `a malformed path is 400 for every method`() async {
        for method in [Method.get, .options, .put] {
            #expect(await router(["/{rest...}"]).respond(to: Request(method, "/../a")).status == 400)
        }
    }

    @Test func `typed path parameters lead nowhere when they do not fit`() async throws {
        var router = Router()
        router.get("/n/{n}") { request in .text("\(try request.path("n", as: Int.self) + 1)") }
        #expect(try await text(router, .get, "/n/41") == "200 42")
        #expect(try await text(router, .get, "/n/x").hasPrefix("404"))
        #expect(try await text(router, .get, "/n/99999999999999999999").hasPrefix("404"))
    }

    private struct Mark: Middleware {
        let name: String
        func respond(to request: Request, next: Handler) async throws -> Response {
            var response = try await next(request)
            response.headers.append("X-Mark", name)
            return response
        }
    }

    @Test func `groups share a prefix, middleware and the form of errors`() async throws {
        var router = Router(middleware: [Mark(name: "all")])
        let style: ErrorStyle = { failure, _ in .text("style \(failure.code)", status: failure.status) }
        router.group("/v1", errors: style, middleware: [Mark(name: "v1")]) { group in
            group.get("/a", tell("a"))
            group.group("/deep", middleware: [Mark(name: "deep")]) {
                $0.get("/b", middleware: [Mark(name: "b")], tell("b"))
            }
            group.get("/fails") { _ in throw HTTPError.lengthRequired }
        }
        router.get("/fails") { _ in throw HTTPError.lengthRequired }
        #expect(router.routes.map(\.pattern) == ["/v1/a", "/v1/deep/b", "/v1/fails", "/fails"])
        let deep = await router.respond(to: Request(.get, "/v1/deep/b"))
        #expect(deep.headers.all("X-Mark") == ["b", "deep", "v1", "all"])
        #expect(try await text(router, .get, "/v1/fails") == "411 style length_required")
        #expect(try await text(router, .get, "/v1/missing") == "404 style not_found")
        #expect(try await text(router, .put, "/v1/a") == "405 style method_not_allowed")
        #expect(try await text(router, .get, "/v10").contains("\"code\":\"not_found\""))
        #expect(try await text(router, .get, "/fails").contains("\"code\":\"length_required\""))
        // The router's own middleware sees every answer, whoever failed.
        for target in ["/fails", "/missing", "/../bad"] {
            #expect(await router.respond(to: Request(.get, target)).headers["X-Mark"] == "all")
        }
        #expect(await router.respond(to: Request(.put, "/v1/a")).headers["Allow"] == "GET, HEAD, OPTIONS")
    }

    @Test func `the longest prefix gives the form of errors`() async throws {
        var router = Router()
        router.errors(under: "/a") { _, _ in .text("short", status: 404) }
        router.errors(under: "/a/b") { _, _ in .text("long", status: 404) }
        #expect(try await text(router, .get, "/a/b/c") == "404 long")
        #expect(try await text(router, .get, "/a/bc") == "404 short")
    }

    private struct Oops: Error {}
    private struct Busy: Kernel.Failure {
        var status: Int { 429 }
        var code: String { "busy" }
        var message: String { "Later." }
        var retryAfter: Duration? { .milliseconds(1500) }
    }

    @Test func `an unexpected error tells nothing of itself`() async throws {
        var router = Router()
        router.get("/oops") { _ in throw Oops() }
        router.get("/busy") { _ in throw Busy() }
        let answer = try await text(router, .get, "/oops")
        #expect(answer.hasPrefix("500"))
        #expect(!answer.contains("Oops"))
        let busy = await router.respond(to: Request(.get, "/busy"))
        #expect(busy.status == 429)
        #expect(busy.headers["Retry-After"] == "2")
    }

    @Test func `limits hold before and while the body comes`() async throws {
        var router = Router()
        router.post("/", limits: Limits(maxBodyBytes: 10, maxHeaderBytes: 100)) { request in
            .text("\(try await request.body.collect(upTo: .max).count)")
        }
        let declared = await router.respond(to: Request(.post, "/", body: [UInt8](repeating: 0, count: 11)))
        #expect(declared.status == 413)
        let source = BytesSource([UInt8](repeating: 0, count: 11), pieceBytes: 4)
        let counted = await router.respond(to: Request(.post, "/", body: RequestBody(source: source, length: nil)))
        #expect(counted.status == 413)
        let fits = await router.respond(to: Request(.post, "/", body: [UInt8](repeating: 0, count: 10)))
        #expect(fits.status == 200)
        let headers: Headers = ["X": String(repeating: "a", count: 100)]
        #expect(await router.respond(to: Request(.post, "/", headers: headers)).status == 431)
    }
}
