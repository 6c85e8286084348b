import HTTPServer
import Kernel

/// For whoever takes a permission away and does not want to wait until its answer is old.
package struct PermissionRoutes: Sendable {
    private let permissions: RemotePermissions?

    /// Without a service there is never anything to forget.
    package init(_ permissions: RemotePermissions?) { self.permissions = permissions }

    /// `operatorOnly` lets nobody else in.
    package func addRoutes(to router: inout Router, operatorOnly: any Middleware) {
        router.delete("/api/v1/authorization/cache", middleware: [operatorOnly], forget)
    }

    /// `DELETE /api/v1/authorization/cache?org_id=acme&user_id=alice`: of everybody in the organisation without
    /// `user_id`.
    private func forget(_ request: Request) async throws -> Response {
        guard let organization = try name("org_id", of: request) else {
            throw HTTPError.invalidParameter(name: "org_id", reason: "Name the organisation.")
        }
        let subject = try name("user_id", of: request)
        let count = await permissions?.forget(organization: organization, subject: subject) ?? 0
        return .json(["forgotten": JSON(count)])
    }

    /// An empty name would mean everybody where one was meant.
    private func name(_ parameter: String, of request: Request) throws -> String? {
        let name = try request.query(parameter, as: String.self)
        guard name?.isEmpty != true else {
            throw HTTPError.invalidParameter(name: parameter, reason: "The name is empty.")
        }
        return name
    }
}
