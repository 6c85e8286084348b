import HTTPServer
import Kernel
import Testing
import Web

@Suite struct AssetsTests {
    let router: Router

    init() {
        var router = Router()
        Assets.addRoutes(to: &router)
        self.router = router
    }

    @Test(arguments: Assets.names)
    func everyFileIsServedForAYearWithAStrongTag(name: String) async throws {
        let response = await router.respond(to: Request(.get, Assets.url(name)))
        #expect(response.status == 200)
        #expect(response.headers["Cache-Control"] == "public, max-age=31536000, immutable")
        let etag = try #require(response.headers["ETag"])
        #expect(etag.hasPrefix("\"") && !etag.hasPrefix("W/"))
        #expect(try await !response.body.collect().isEmpty)
        #expect(response.headers["Content-Type"] != "application/octet-stream")
        let again = await router.respond(to: Request(.get, Assets.url(name), headers: ["If-None-Match": etag]))
        #expect(again.status == 304)
    }

    @Test func addressOfAnEarlierVersionStillWorksButIsNotKept() async {
        let response = await router.respond(to: Request(.get, "/assets/0123456789abcdef/style.css"))
        #expect(response.status == 200)
        #expect(response.headers["Cache-Control"] == "no-cache")
    }

    @Test func unknownNameIs404() async {
        let response = await router.respond(to: Request(.get, "/assets/\(Assets.version)/passwd"))
        #expect(response.status == 404)
    }

    @Test func bigFilesGoOutCompressedToThoseWhoTakeIt() async throws {
        let url = Assets.url("swagger-ui-bundle.js")
        let plain = await router.respond(to: Request(.get, url))
        let packed = await router.respond(to: Request(.get, url, headers: ["Accept-Encoding": "br, gzip"]))
        #expect(plain.headers["Content-Encoding"] == nil)
        #expect(packed.headers["Content-Encoding"] == "gzip")
        #expect(plain.headers["ETag"] != packed.headers["ETag"])
        #expect(packed.headers["Vary"] == "Accept-Encoding")
        let bytes = try await packed.body.collect()
        #expect(Array(bytes.prefix(2)) == [0x1F, 0x8B])
        #expect(try await bytes.count < plain.body.collect().count / 3)
    }

    /// Modules name each other by relative address, so a wrong name shows up only in the browser.
    @Test func everyImportOfAModuleIsEmbedded() async throws {
        for name in Assets.names where name.hasSuffix(".js") && !name.hasPrefix("swagger") {
            let bytes = try await router.respond(to: Request(.get, Assets.url(name))).body.collect()
            let parts = String(decoding: bytes, as: UTF8.self).split(separator: "from \"./").dropFirst()
            for part in parts {
                let imported = String(part.prefix { $0 != "\"" })
                #expect(Assets.names.contains(imported), "\(name) imports \(imported)")
            }
        }
    }
}
