import HTTPServer

extension Response {
    /// A page for `visitor`. It may show what only they may see, so nobody keeps it.
    package static func page(_ page: Page, for visitor: String?) -> Response {
        var response = Response.html(page.html(for: visitor).description)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Accept, Authorization"
        return response
    }
}
