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
            service.metrics.uploads.add(1, accepted.isReplay ? "replayed" : "accepted")
            service.metrics.usage.record(accepted.quota.user)
            var response = Response.json(service.wire.accepted(accepted), status: 202)
            let quota = quotaHeaders(accepted.quota.binding, now: service.time.now)
            for (name, value) in quota { response.headers[name] = value }
            if accepted.isReplay { response.headers["Idempotency-Replayed"] = "true" }
            return response
        } catch {
            count(error)
            throw error
        }
    }

    private func accept(_ request: Request, _ principal: Principal) async throws -> UploadImage.Accepted {
        try await service.requireRoom()
        let key = try idempotencyKey(request)
        if key == nil { try await requireQuota(principal) }
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
                isLenient: try isLenient(request, form),
            )
        )
    }

    /// Whether a file whose end is missing will do: `lenient` in the address or in the form.
    private func isLenient(_ request: Request, _ form: MultipartForm) throws -> Bool {
        guard let text = request.query["lenient"] ?? form.field("lenient") else { return false }
        guard let isLenient = Bool(parameter: text) else {
            throw ImagesError.badField(name: "lenient", reason: "Use \(Bool.expectation).")
        }
        return isLenient
    }

    /// Who has nothing left is told before the body is read, unless the request may be the repetition of one that was
    /// accepted. The binding count is taken with the picture.
    private func requireQuota(_ principal: Principal) async throws {
        let now = service.time.now
        let quota = try await service.quota.peek(principal.uploader, at: now, in: service.store.database).binding
        guard quota.remaining > 0 else {
            throw ImagesError.quotaExceeded(quota, window: service.quota.window, now: now)
        }
    }

    private func idempotencyKey(_ request: Request) throws -> String? {
        guard let key = request.headers["Idempotency-Key"] else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ImagesError.badField(name: "Idempotency-Key", reason: "Use 1 to 255 printable ASCII characters.")
        }
        return key
    }

    private func count(_ error: any Error) {
        switch (error as? any Failure)?.status ?? 500 {
        case 429:
            service.metrics.uploads.add(1, "rate_limited")
            service.metrics.rejections.add()
        case 400..<500: service.metrics.uploads.add(1, "rejected")
        default: service.metrics.uploads.add(1, "failed")
        }
    }
}

/// `X-RateLimit-*` as the original sent them, and the fields of the IETF draft "RateLimit header fields".
func quotaHeaders(_ quota: UploadQuota.State, now: Timestamp) -> [(String, String)] {
    let secondsLeft = max(0, Int((quota.resetAt - now).seconds.rounded(.up)))
    return [
        ("X-RateLimit-Limit", "\(quota.limit)"),
        ("X-RateLimit-Remaining", "\(quota.remaining)"),
        ("X-RateLimit-Reset", "\(quota.resetAt.milliseconds / 1000)"),
        ("RateLimit-Limit", "\(quota.limit)"),
        ("RateLimit-Remaining", "\(quota.remaining)"),
        ("RateLimit-Reset", "\(secondsLeft)"),
    ]
}
