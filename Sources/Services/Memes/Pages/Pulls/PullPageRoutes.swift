import Accounts
import HTTPServer
import Kernel
import Web

/// The pages of pulls.
struct PullPageRoutes: Sendable {
    let service: MemesModule

    /// `GET /memes/pulls?before=`
    func list(_ request: Request) async throws -> Response {
        let principal = try request.requirePuller()
        let last: Pull? =
            if let id = request.query["before"].flatMap({ ID<Pull>($0) }) { try await service.pulls.find(id) } else {
                nil
            }
        let found = try await service.pulls.page(before: last, limit: PullList.page + 1)
        let shown = Array(found.prefix(PullList.page))
        let settings = service.parts.settings.pull
        let others = settings.profiles.keys.filter { $0 != PullSettings.standardProfile }.sorted()
        let form = PullForm(
            profiles: [PullSettings.standardProfile] + others,
            roots: settings.localRoots,
            libraries: try await service.libraries.all().map(\.name),
            needsKey: principal.proof == .localVisit,
        )
        let list = PullList(
            pulls: shown,
            next: found.count > shown.count ? shown.last.map { "/memes/pulls?before=\($0.id.description)" } : nil,
            form: last == nil ? form : nil,
        )
        return .page(pullListPage(list), for: request)
    }

    /// `GET /memes/pulls/{pull_id}`
    func show(_ request: Request) async throws -> Response {
        try request.requirePuller()
        guard let id = ID<Pull>(try request.path("pull_id", as: String.self)) else { throw PullError.notFound }
        return .page(pullPage(try await service.pullProgress.progress(of: id)), for: request)
    }
}

extension Request {
    /// Who may look at pulls and steer them, as the addresses below `/pull` have it.
    ///
    /// - Throws: 401 or 403.
    @discardableResult
    fileprivate func requirePuller() throws(MemesError) -> Principal {
        guard let principal else { throw .notSignedIn }
        guard principal.may(PullRoutes.permission) || principal.isAdmin || principal.proof == .localVisit else {
            throw .notAllowed(scope: PullRoutes.permission)
        }
        return principal
    }
}
