import Kernel
import Testing

/// Pages and contract as a client without a browser sees them.
@Suite(.timeLimit(.minutes(5)))
struct PageTests {
    private let html = ["Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"]

    @Test func homeIsAPageForABrowserAndTheOriginalsJSONForCurl() async throws {
        let server = try await RunningServer()
        let client = Client(server, token: nil)
        let page = try await client.get("/", headers: html)
        #expect(page[header: "content-type"] == "text/html; charset=utf-8")
        #expect(page.text.contains("Drop pictures anywhere"))
        for accept in ["*/*", "application/json"] {
            let answer = try await client.get("/", headers: ["Accept": accept])
            #expect(answer[header: "content-type"] == "application/json")
            #expect(answer.json["service"] == "image-processor")
            #expect(answer.json["docs"] == "/docs")
        }
    }

    @Test func everyPageAnswersAndForbidsForeignScripts() async throws {
        let server = try await RunningServer()
        let client = Client(server, token: nil)
        for path in [
            "/", "/upload", "/jobs", "/dashboard", "/dashboard/", "/docs", "/memes", "/memes/label", "/memes/pulls",
        ] {
            let page = try await client.get(path, headers: html)
            #expect(page.status == 200, "\(path)")
            #expect(page[header: "content-security-policy"]?.hasPrefix("default-src 'self'") ?? false, "\(path)")
            #expect(page[header: "cache-control"] == "no-store", "\(path)")
        }
        let redoc = try await client.get("/redoc", headers: html)
        #expect(redoc.text.contains("<h1>API</h1>"))
    }

    @Test func dashboardAsksABrowserForATokenAndAnswersScriptsInJSON() async throws {
        let server = try await RunningServer()
        let stranger = html.merging(["X-Forwarded-For": "203.0.113.9"]) { $1 }
        let page = try await Client(server, token: nil).get("/dashboard/", headers: stranger)
        #expect(page.status == 401)
        #expect(page[header: "content-type"] == "text/html; charset=utf-8")
        let data = try await Client(server, token: nil).get("/dashboard/data", headers: stranger)
        #expect(data.status == 401)
        #expect(data.json["status_code"] == 401)
    }

    @Test func theContractIsServedInBothForms() async throws {
        let server = try await RunningServer()
        let client = Client(server, token: nil)
        let json = try await client.get("/openapi.json")
        #expect(json.status == 200)
        #expect(json.json["openapi"]?.string?.hasPrefix("3.1") ?? false)
        #expect(json.json["paths"]?["/api/v1/images/upload"]?["post"] != nil)
        #expect(json.json["servers"] == [["url": "/"]])
        let yaml = try await client.get("/openapi.yaml")
        #expect(yaml.text.contains("\n  /api/v1/images/upload:\n"))
    }

    /// What a stranger sends as a name must come back as text.
    @Test func aFileNameCannotBecomeMarkup() async throws {
        let server = try await RunningServer()
        let client = Client(server, token: nil)
        let name = "<img src=x onerror=alert(1)>&'.jpg"
        let accepted = try await client.upload(fixture("photo.jpg"), filename: name)
        let job = try #require(accepted.json["job_id"]?.string)
        let image = try #require(accepted.json["image_id"]?.string)
        _ = try await client.finished(job: job)
        for path in ["/", "/jobs", "/jobs/\(job)", "/images/\(image)", "/jobs?q=%3Cimg%20src=x"] {
            let page = try await client.get(path, headers: html)
            #expect(page.status == 200, "\(path)")
            #expect(!page.text.contains("<img src=x"), "\(path)")
            #expect(page.text.contains("&lt;img src=x"), "\(path)")
        }
    }

    /// Whoever shows no token learns nothing: neither which pictures there are nor whether one is there.
    @Test func inProductionPagesNeedAToken() async throws {
        let server = try await RunningServer(environment: ["PICTOR_MODE": "production"])
        let owner = Client(server, token: Client.token(sub: "mia"))
        let accepted = try await owner.upload(fixture("photo.jpg"), bucket: "users/mia/")
        let job = try #require(accepted.json["job_id"]?.string)
        let image = try #require(accepted.json["image_id"]?.string)
        _ = try await owner.finished(job: job)
        let stranger = Client(server, token: nil)
        let other = Client(server, token: Client.token(sub: "ben"))
        #expect(try await stranger.get("/jobs", headers: html).status == 401)
        #expect(try await stranger.get("/images/\(image)", headers: html).status == 401)
        #expect(try await other.get("/images/\(image)", headers: html).status == 403)
        #expect(try await other.get("/jobs/\(job)", headers: html).status == 403)
        #expect(try await !other.get("/jobs", headers: html).text.contains(job))
        #expect(try await owner.get("/jobs", headers: html).text.contains(job))
        let page = try await owner.get("/images/\(image)", headers: html)
        #expect(page.status == 200)
        #expect(page.text.contains("signature="))
    }
}
