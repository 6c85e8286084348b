import Accounts
import Testing

@Suite struct LocalVisitTests {
    private let visit = LocalVisit(isAllowed: true, hosts: ["Pictures.local"], permissions: ["image:admin"])

    private func facts(
        loopback: Bool = true,
        host: String? = "127.0.0.1:8080",
        origin: String? = nil,
        fetchSite: String? = nil,
        forwarded: Bool = false,
    ) -> LocalVisit.Facts {
        LocalVisit.Facts(
            isPeerLoopback: loopback,
            host: host,
            origin: origin,
            fetchSite: fetchSite,
            isForwarded: forwarded,
        )
    }

    @Test func theDeveloperAtTheMachineIsLetIn() throws {
        let principal = try #require(visit.principal(for: facts()))
        #expect(principal.subject == "development")
        #expect(principal.proof == .localVisit)
        #expect(principal.isAdmin)
        #expect(principal.may("image:admin"))
        #expect(!principal.may("image:delete"))
    }

    @Test(
        "names under which the machine knows itself",
        arguments: [
            "127.0.0.1", "localhost:8080", "LOCALHOST:1", "[::1]:8080", "[::1]", "127.0.0.9:80", "pictures.local:8080",
        ],
    )
    func ownNames(host: String) {
        #expect(visit.principal(for: facts(host: host)) != nil)
        #expect(visit.principal(for: facts(host: host, origin: "http://\(host)", fetchSite: "same-origin")) != nil)
    }

    @Test(
        "a name of somebody else that points here is DNS rebinding",
        arguments: [
            "evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "", "[::1].evil",
            "::1x",
            "localhost@evil.example", "evil.example#localhost",
        ],
    )
    func rebinding(host: String) { #expect(visit.principal(for: facts(host: host)) == nil) }

    @Test(
        "a page of another site sends requests here: CSRF",
        arguments: [
            "https://evil.example", "null", "http://127.0.0.1:3000", "http://localhost:8080", "", "file://",
            "http://127.0.0.1:8080.evil.example", "ftp://127.0.0.1:8080",
        ],
    )
    func foreignOrigin(origin: String) { #expect(visit.principal(for: facts(origin: origin)) == nil) }

    @Test(
        "what the browser says of the sender counts, also without an origin",
        arguments: [
            ("same-origin", true), ("none", true), ("cross-site", false), ("same-site", false), ("Cross-Site", false),
            ("", false),
        ],
    )
    func fetchSite(site: String, isLetIn: Bool) {
        #expect((visit.principal(for: facts(fetchSite: site)) != nil) == isLetIn)
    }

    @Test func nobodyElseIsLetIn() {
        #expect(visit.principal(for: facts(loopback: false)) == nil)
        #expect(visit.principal(for: facts(forwarded: true)) == nil, "a proxy on this machine")
        #expect(visit.principal(for: facts(host: nil)) == nil)
        #expect(LocalVisit(isAllowed: false).principal(for: facts()) == nil)
        #expect(LocalVisit(isAllowed: true).principal(for: facts(host: "pictures.local")) == nil)
    }
}
