import Accounts
import HTTPServer
import Jobs
import Kernel
import Web

/// The pages of pictures and their jobs.
struct PageRoutes: Sendable {
    let service: ImagesService
    let facts: ServerFacts

    /// `GET /`: the page for a browser; for everyone else what the original answered.
    func home(_ request: Request) async throws -> Response {
        guard request.accepts("text/html") else { return .json(greeting) }
        let before = try await picture(request.query("before", as: String.self))
        let pictures = try await recent(for: request.principal, before: before)
        let quota = try await quota(of: request.principal)
        return .page(
            homePage(pictures, isFirst: before == nil, form: uploadForm(request.principal, quota)),
            for: request,
        )
    }

    /// `GET /upload`
    func upload(_ request: Request) async throws -> Response {
        .page(uploadPage(uploadForm(request.principal, try await quota(of: request.principal))), for: request)
    }

    /// `GET /images/{image_id}`: one picture, in whatever state its job is.
    func picture(_ request: Request) async throws -> Response {
        guard let image = try await service.store.find(request.imageID()) else { throw ImagesError.imageNotFound }
        try await service.requireRead(image, by: request.principal)
        let (newer, older) = try await neighbours(of: image, for: request.principal)
        let view = PictureView(image, try await service.store.variants(of: image.id), links: service.wire.links)
        let page = picturePage(
            view,
            newer: newer,
            older: older,
            mayDelete: await service.access.mayDelete(image, request.principal),
        )
        return .page(page, for: request)
    }

    /// `GET /jobs?status=&before=&q=`: what was uploaded and how far it is.
    func jobs(_ request: Request) async throws -> Response {
        if let found = try await search(request) { return found }
        guard let scope = Scope(request.principal) else { throw ImagesError.notSignedIn }
        let status = try request.query("status", as: ImageRecord.Status.self)
        let before = try await picture(request.query("before", as: String.self))
        let page = 50
        let images = try await service.store.newest(
            before: before,
            status: status,
            limit: page + 1,
            owner: scope.owner,
        )
        let variants = try await service.store.variants(ofAll: images.prefix(page).map(\.id))
        let views = images.prefix(page).map { PictureView($0, variants[$0.id] ?? [], links: service.wire.links) }
        let list = JobList(
            jobs: views,
            status: status,
            isFirst: before == nil,
            hasMore: images.count > page,
            search: try request.query("q", as: String.self),
        )
        return .page(jobListPage(list), for: request)
    }

    /// `GET /jobs/{job_id}`: its steps, attempts and events.
    func job(_ request: Request) async throws -> Response {
        guard let id = ID<Job>(try request.path("job_id", as: String.self)),
            let image = try await service.store.find(job: id)
        else { throw ImagesError.jobNotFound }
        try await service.requireRead(image, by: request.principal)
        let view = PictureView(image, try await service.store.variants(of: image.id), links: service.wire.links)
        let events = try await service.store.events(of: image.id)
        let mayRetry = await service.access.mayDelete(image, request.principal)
        return .page(jobPage(view, events: events, mayRetry: mayRetry), for: request)
    }

    /// `GET /dashboard/`
    func dashboard(_ request: Request) async throws -> Response { .page(dashboardPage, for: request) }

    private var greeting: JSON {
        [
            "service": JSON(facts.serviceName),
            "version": JSON(facts.version),
            "status": "running",
            "docs": "/docs",
            "openapi": "/openapi.json",
            "health": "/api/v1/health/",
            "dashboard": "/dashboard/",
            "upload": "/api/v1/images/upload",
        ]
    }

    /// Where the search field leads: straight to what the id names.
    private func search(_ request: Request) async throws -> Response? {
        guard let text = try request.query("q", as: String.self) else { return nil }
        if let image = try await picture(text) { return .redirect(to: "/images/\(image.id)") }
        guard let id = ID<Job>(text), let image = try await service.store.find(job: id) else { return nil }
        return .redirect(to: "/jobs/\(image.jobID)")
    }

    private func picture(_ id: String?) async throws -> ImageRecord? {
        guard let id = id.flatMap({ ID<ImageRecord>($0) }) else { return nil }
        return try await service.store.find(id)
    }

    /// The newest completed pictures that the visitor may list, one more than a page where there are more.
    private func recent(for principal: Principal?, before: ImageRecord?) async throws -> [PictureView]? {
        guard let scope = Scope(principal) else { return nil }
        let images = try await service.store.newest(
            before: before,
            status: .completed,
            limit: recentPictures + 1,
            owner: scope.owner,
        )
        let variants = try await service.store.variants(ofAll: images.map(\.id))
        return images.map { PictureView($0, variants[$0.id] ?? [], links: service.wire.links) }
    }

    /// Where the arrow keys lead, among the pictures that the visitor may list.
    private func neighbours(
        of image: ImageRecord,
        for principal: Principal?,
    ) async throws -> (newer: ID<ImageRecord>?, older: ID<ImageRecord>?) {
        guard let scope = Scope(principal) else { return (nil, nil) }
        let newer = try await service.store.neighbour(of: image, isNewer: true, owner: scope.owner)
        let older = try await service.store.neighbour(of: image, isNewer: false, owner: scope.owner)
        return (newer?.id, older?.id)
    }

    private func quota(of principal: Principal?) async throws -> UploadQuota.State? {
        guard let principal else { return nil }
        let standing = try await service.quota.peek(
            principal.uploader,
            at: service.time.now,
            in: service.store.database,
        )
        return standing.binding
    }

    private func uploadForm(_ principal: Principal?, _ quota: UploadQuota.State?) -> UploadForm {
        let bucket = service.settings.strictBuckets ? "users/\(principal?.subject ?? "me")/" : "web"
        return UploadForm(bucket: bucket, quota: quota, settings: service.settings)
    }
}

/// How many pictures the home page shows.
let recentPictures = 30

/// Whose pictures a visitor may list: an administrator's list has everybody's, a user's only their own.
private struct Scope {
    let owner: String?

    init?(_ principal: Principal?) {
        guard let principal else { return nil }
        owner = principal.isAdmin || principal.may("image:admin") ? nil : principal.subject
    }
}

extension Response {
    /// A page for whoever sent the request.
    fileprivate static func page(_ page: Page, for request: Request) -> Response {
        .page(page, for: request.principal.map { $0.name ?? $0.subject })
    }
}
