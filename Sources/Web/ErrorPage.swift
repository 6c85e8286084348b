import HTTPServer
import Kernel

/// How an address that no other form covers tells an error: to a browser as a page with what happened, what to do and
/// the request's id, to everyone else as problem details.
package func pageErrors(_ failure: any Failure, _ request: Request) -> Response {
    var response =
        request.accepts("text/html")
        ? Response.page(errorPage(failure, request), for: nil) : .problem(failure, requestID: request.id)
    response.status = failure.status
    return response
}

private func errorPage(_ failure: any Failure, _ request: Request) -> Page {
    let isLockedOut = failure.status == 401 || failure.status == 403
    let wayOut: HTML =
        isLockedOut ? tokenForm : "<p class=\"actions\"><a class=\"button main\" href=\"/\">Go home</a></p>"
    return Page(
        title: title(of: failure.status),
        """
        <section class="problem" data-status="\(failure.status)">
        <p class="lead">\(failure.message)</p>
        \(wayOut)
        <p class="note">Error \(failure.status), <code>\(failure.code)</code>. If you ask the operator about it, quote
        request <code>\(request.id)</code>.</p>
        </section>
        """,
    )
}

private func title(of status: Int) -> String {
    switch status {
    case 401: "Show a token first"
    case 403: "This is not for you"
    case 404: "Nothing is here"
    case 405: "This address does something else"
    case 410: "This is gone"
    case 429: "Too many requests"
    case 503: "One moment, please"
    case 507: "The disk is full"
    case 500...: "Something went wrong here"
    default: "This did not work"
    }
}
