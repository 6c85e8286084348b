import Accounts
import HTTPServer
import Jobs
import Kernel

/// Following the work on a picture.
struct JobRoutes: Sendable {
    let service: ImagesService

    /// `GET /api/v1/images/jobs/{job_id}?wait=20`: the state now, or, with `wait`, as soon as the job has ended or
    /// that many seconds have passed.
    func show(_ request: Request) async throws -> Response {
        let wait = try request.query("wait", as: Int.self) ?? 0
        guard (0...60).contains(wait) else {
            throw ImagesError.badField(name: "wait", reason: "Use a number of seconds from 0 to 60.")
        }
        var image = try await requested(request)
        if wait > 0, !image.status.isFinal {
            image = try await service.waitForEnd(of: image, atMost: .seconds(wait))
        }
        var response = Response.json(try await body(image, request))
        if !image.status.isFinal { response.headers["Retry-After"] = "1" }
        return response
    }

    /// `GET /api/v1/images/jobs/{job_id}/result`
    func result(_ request: Request) async throws -> Response {
        let image = try await requested(request)
        guard image.status == .completed else {
            throw ImagesError.notCompleted(status: image.status.rawValue)
        }
        let variants = try await service.store.variants(of: image.id)
        let isReadable = try await service.access.mayRead(image, request.principal)
        return .json(service.wire.result(image, variants: variants, isReadable: isReadable))
    }

    /// `GET /api/v1/images/jobs/{job_id}/events`: a `status` event for each change, the last when the job has ended.
    func events(_ request: Request) async throws -> Response {
        let image = try await requested(request)
        let service = service
        let isReadable = try await service.access.mayRead(image, request.principal)
        return .events { writer in
            try await service.follow(image) { image, variants in
                let state = service.wire.job(image, variants: variants, isReadable: isReadable)
                try await writer.send(event: "status", data: state.text)
            }
        }
    }

    /// `POST /api/v1/images/jobs/{job_id}/retry`: a failed job is tried again.
    func retry(_ request: Request) async throws -> Response {
        let principal = try request.signedIn()
        let image = try await requested(request)
        try await service.access.requireDelete(image, by: principal)
        let retried = try await service.retry(image, actor: principal.subject)
        return .json(try await body(retried, request), status: 202)
    }

    private func requested(_ request: Request) async throws -> ImageRecord {
        guard let job = ID<Job>(try request.path("job_id", as: String.self)),
            let image = try await service.store.find(job: job)
        else { throw ImagesError.jobNotFound }
        return image
    }

    private func body(_ image: ImageRecord, _ request: Request) async throws -> JSON {
        let variants = try await service.store.variants(of: image.id)
        let isReadable = try await service.access.mayRead(image, request.principal)
        return service.wire.job(image, variants: variants, isReadable: isReadable)
    }
}
