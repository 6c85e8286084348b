import Kernel

/// Answers a request or fails.
package typealias Handler = @Sendable (Request) async throws -> Response

/// Turns a failure into the answer that clients of a prefix expect. Status codes and the headers `Allow`,
/// `Retry-After` and `WWW-Authenticate` are added where they are missing.
package typealias ErrorStyle = @Sendable (any Failure, Request) -> Response

/// Does something before or after what it wraps.
package protocol Middleware: Sendable {
    /// `next` is the rest of the way to the handler. Below the router's own middleware it never throws, because errors
    /// have become responses there; below that of a group or route it throws what the handler threw.
    func respond(to request: Request, next: Handler) async throws -> Response
}
