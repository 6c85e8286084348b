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
        guard let organization = try request.query("org_id", as: String.self), !organization.isEmpty else {
            throw HTTPError.invalidParameter(name: "org_id", reason: "Name the organisation.")
        }
        let subject = try request.query("user_id", as: String.self)
        let count = await permissions?.forget(organization: organization, subject: subject) ?? 0
        return .json(["forgotten": JSON(count)])
    }
}
