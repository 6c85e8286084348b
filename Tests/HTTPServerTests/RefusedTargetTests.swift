import HTTPServer
import Kernel
import Testing

@Suite struct RefusedTargetTests {
    private let router: Router = {
        var router = Router()
        router.errors(under: "/api") { failure, _ in .json(["error": JSON(failure.message)], status: failure.status) }
        router.get("/api/{name}") { _ in Response(status: 204) }
        return router
    }()

    @Test(
        "a target that cannot be read is refused in the form of its prefix",
        arguments: ["%00", "a%2Fb", "%zz", ".."],
    )
    func form(segment: String) async throws {
        let below = await router.respond(to: Request(.get, "/api/\(segment)"))
        #expect(below.status == 400)
        #expect(below.headers["Content-Type"] == "application/json")
        let elsewhere = await router.respond(to: Request(.get, "/other/\(segment)"))
        #expect(elsewhere.status == 400)
        #expect(elsewhere.headers["Content-Type"] == "application/problem+json")
    }
}
