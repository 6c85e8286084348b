import Kernel

/// The conditional headers of a request, judged against what is there (RFC 9110, 13).
struct Conditions {
    let etag: String?
    /// Seconds count, as in the header.
    let modified: Timestamp?

    /// Whether the client has the same already, so that 304 answers. `If-None-Match` goes before the date (13.2.2).
    func isUnchanged(for request: Request) -> Bool {
        if request.headers.contains("If-None-Match") {
            guard let etag else { return false }
            let known = request.headers.all("If-None-Match").flatMap { $0.split(separator: ",") }.map(trimmed)
            return known.contains { $0 == "*" || weakValue($0) == weakValue(etag[...]) }
        }
        guard let modified, let since = request.headers["If-Modified-Since"] else { return false }
        // Clients send back the date they got, so equality is enough and no date has to be read.
        return since == modified.httpDate
    }

    /// Whether a `Range` still refers to the same bytes (RFC 9110, 13.1.5): the comparison is strong.
    func allowsRange(for request: Request) -> Bool {
        guard let condition = request.headers["If-Range"] else { return true }
        if let etag, condition == etag { return !etag.hasPrefix("W/") }
        return modified.map { $0.httpDate == condition } ?? false
    }
}

private func weakValue(_ etag: Substring) -> Substring { etag.hasPrefix("W/") ? etag.dropFirst(2) : etag }
