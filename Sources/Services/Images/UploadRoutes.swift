import Accounts
import HTTPServer
import Kernel
import Telemetry

/// Sending pictures.
struct UploadRoutes: Sendable {
    let service: ImagesService

    /// `POST /api/v1/images/upload`
    func upload(_ request: Request) async throws -> Response {
        let principal = try request.signedIn()
        do {
            let accepted = try await accept(request, principal)
            service.metrics.uploads.add(1, "accepted")
            var response = Response.json(service.wire.accepted(accepted), status: 202)
            addQuota(accepted.quota, to: &response)
            if accepted.isReplay { response.headers["Idempotency-Replayed"] = "true" }
            return response
        } catch let error as ImagesError {
            service.metrics.uploads.add(1, error.status == 429 ? "rate_limited" : "rejected")
            guard case .quotaExceeded(let limit, let resetAt, _) = error else { throw error }
            service.metrics.rejections.add()
            throw RateLimited(error, UploadQuota.State(limit: limit, used: limit, resetAt: resetAt))
        }
    }

    private func accept(_ request: Request, _ principal: Principal) async throws -> UploadImage.Accepted {
        try await service.requireRoom()
        // Who has nothing left is told before the body is read; the binding count is taken with the picture.
        let now = service.time.now
        let quota = try await service.quota.peek(owner: principal.subject, at: now, in: service.store.database)
        guard quota.remaining > 0 else {
            throw ImagesError.quotaExceeded(limit: quota.limit, resetAt: quota.resetAt, now: now)
        }
        let key = try idempotencyKey(request)
        let form = try await service.readForm(request)
        guard let file = form.file("file") else {
            throw ImagesError.badField(name: "file", reason: "Field required: send the picture as form field 'file'.")
        }
        guard let bucket = form.field("bucket") else {
            throw ImagesError.badField(name: "bucket", reason: "Field required: name where the picture belongs.")
        }
        return try await service.upload(
            UploadImage.Request(
                principal: principal,
                bucket: bucket,
                metadata: form.field("metadata"),
                file: file,
                idempotencyKey: key,
            )
        )
    }

    private func idempotencyKey(_ request: Request) throws -> String? {
        guard let key = request.headers["Idempotency-Key"] else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ImagesError.badField(name: "Idempotency-Key", reason: "Use 1 to 255 printable ASCII characters.")
        }
        return key
    }

    private func addQuota(_ quota: UploadQuota.State, to response: inout Response) {
        for (name, value) in quotaHeaders(quota, now: service.time.now) { response.headers[name] = value }
    }
}

/// `X-RateLimit-*` as the original sent them, and the fields of the IETF draft "RateLimit header fields".
func quotaHeaders(_ quota: UploadQuota.State, now: Timestamp) -> [(String, String)] {
    [
        ("X-RateLimit-Limit", "\(quota.limit)"),
        ("X-RateLimit-Remaining", "\(quota.remaining)"),
        ("X-RateLimit-Reset", "\(quota.resetAt.milliseconds / 1000)"),
        ("RateLimit-Limit", "\(quota.limit)"),
        ("RateLimit-Remaining", "\(quota.remaining)"),
        ("RateLimit-Reset", "\(max(0, (quota.resetAt - now).milliseconds / 1000))"),
    ]
}

/// A 429 that carries the state of the quota for its headers.
struct RateLimited: Failure {
    let error: ImagesError
    let quota: UploadQuota.State

    init(_ error: ImagesError, _ quota: UploadQuota.State) {
        self.error = error
        self.quota = quota
    }

    var status: Int { error.status }
    var code: String { error.code }
    var message: String { error.message }
    var retryAfter: Duration? { error.retryAfter }
}
