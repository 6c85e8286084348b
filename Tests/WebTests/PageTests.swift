import HTTPServer
import Kernel
import Testing
import Web

@Suite struct PageTests {
    @Test func theShellMarksWhereYouAreAndEscapesTheTitle() {
        let html = Page(title: "A <b> & c", section: .jobs, "<p>content</p>").html(for: "Mia \"x\"").description
        #expect(html.contains("<title>A &lt;b&gt; &amp; c · Pictor</title>"))
        #expect(html.contains("href=\"/jobs\" aria-current=\"page\""))
        #expect(html.components(of: "aria-current") == 1)
        #expect(html.contains("data-visitor=\"Mia &quot;x&quot;\""))
        #expect(html.components(of: "<h1") == 1)
        #expect(html.contains("<p>content</p>"))
    }

    /// The content security policy lets no inline script run.
    @Test func noScriptStandsInThePage() {
        let html = Page(title: "x", scripts: ["swagger-ui-bundle.js"], "").html(for: nil).description
        #expect(html.components(of: "<script") == html.components(of: "<script src="))
        #expect(!html.contains(" onclick=") && !html.contains("javascript:"))
    }

    @Test func aBrowserGetsThePageAndAClientProblemDetails() async {
        var router = Router()
        router.errors(under: "/", pageErrors)
        let browser = Request(.get, "/nowhere", headers: ["Accept": "text/html,application/xhtml+xml,*/*;q=0.8"])
        let page = await router.respond(to: browser)
        #expect(page.status == 404)
        #expect(page.headers["Content-Type"] == "text/html; charset=utf-8")
        let client = await router.respond(to: Request(.get, "/nowhere", headers: ["Accept": "*/*"]))
        #expect(client.status == 404)
        #expect(client.headers["Content-Type"] == "application/problem+json")
    }

    @Test func anErrorPageSaysWhatToQuote() async throws {
        var request = Request(.get, "/x", headers: ["Accept": "text/html"])
        request.id = "req-<1>"
        let text = try await String(decoding: pageErrors(HTTPError.notFound, request).body.collect(), as: UTF8.self)
        #expect(text.contains("There is nothing at this address."))
        #expect(text.contains("<code>req-&lt;1&gt;</code>"))
    }

    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1550, "1.6 kB"), (99_600, "100 kB"), (999_600, "1 MB"),
        (2_400_000, "2.4 MB"), (5_000_000_000, "5 GB"),
    ])
    func bytesHaveAUnit(bytes: Int, expected: String) { #expect(byteCount(bytes) == expected) }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1\u{202F}000"), (1_234_567, "1\u{202F}234\u{202F}567"),
        (-4200, "−4\u{202F}200"),
    ])
    func thousandsAreSetApart(number: Int, expected: String) { #expect(grouped(number) == expected) }
}

extension String {
    fileprivate func components(of part: String) -> Int {
        split(separator: part, omittingEmptySubsequences: false).count - 1
    }
}
