import Accounts
import Configuration
import HTTPServer
import Kernel
import Web

/// The contract of the HTTP interface, as JSON, as YAML and as a page to try it on.
struct DocumentationRoutes: Sendable {
    func addRoutes(to router: inout Router) {
        router.get("/openapi.json", json)
        router.get("/openapi.yaml", yaml)
        router.get("/docs", page)
        router.get("/redoc") { _ in .redirect(to: "/docs", status: 307) }
    }

    /// `GET /openapi.json`
    func json(_ request: Request) async throws -> Response {
        let contract = try Self.contract.get()
        return .content(contract.bytes, request: request, contentType: "application/json", etag: contract.etag)
    }

    /// `GET /openapi.yaml`
    func yaml(_ request: Request) async throws -> Response {
        .content(
            Array(Assets.openAPI.utf8),
            request: request,
            contentType: "application/yaml",
            etag: "\"\(Digest.sha256(Assets.openAPI.utf8).hexadecimal.prefix(32))\"",
        )
    }

    /// `GET /docs`: Swagger UI.
    func page(_ request: Request) async throws -> Response {
        .page(Self.documentation, for: request.principal.map { $0.name ?? $0.subject })
    }

    /// Converted once, when somebody asks first.
    private static let contract = Result {
        var contract = try JSON(yaml: Assets.openAPI)
        // Whoever reads it here means this server, on whatever port.
        contract["servers"] = [["url": "/"]]
        let bytes = contract.bytes
        return (bytes: bytes, etag: "\"\(Digest.sha256(bytes).hexadecimal.prefix(32))\"")
    }

    private static let documentation = Page(
        title: "API",
        section: .documentation,
        action: """
            <p class="actions"><a class="button" href="/openapi.json">openapi.json</a>
            <a class="button" href="/openapi.yaml">openapi.yaml</a></p>
            """,
        styles: ["swagger-ui.css"],
        scripts: ["swagger-ui-bundle.js"],
        """
        <noscript><p>The interactive pages need JavaScript; the contract itself is at
        <a href="/openapi.yaml">/openapi.yaml</a>.</p></noscript>
        <div class="contract" data-module="documentation"></div>
        """,
    )
}
