import HTTPServer
import Kernel

extension Response {
    /// A page for `visitor`. It may show what only they may see, so nobody keeps it.
    package static func page(_ page: Page, for visitor: String?) -> Response {
        var response = Response.html(page.html(for: visitor).description)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Accept, Authorization"
        return response
    }
}

extension Request {
    /// Whether a browser asks: it names HTML in `Accept`, while curl and API clients send `*/*` or JSON.
    package var wantsHTML: Bool {
        let ranges = headers.all("Accept").flatMap { $0.split(separator: ",") }
        return ranges.contains { range in
            let name = range.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
            return name == "text/html" && !range.filter({ $0 != " " }).lowercased().hasSuffix("q=0")
        }
    }
}
