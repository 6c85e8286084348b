import Accounts
import HTTPServer
import Kernel
import ObjectStore

/// Looking at pictures and deleting them.
struct ImageRoutes: Sendable {
    let service: ImagesService

    /// `GET /api/v1/images/{image_id}?size=medium`
    func show(_ request: Request) async throws -> Response {
        let (image, variant) = try await requested(request)
        return .json(service.wire.image(image, variant: variant))
    }

    /// `GET /api/v1/images/{image_id}/all`
    func all(_ request: Request) async throws -> Response {
        let image = try await service.readable(request.imageID(), by: request.principal)
        return .json(service.wire.all(image, variants: try await service.store.variants(of: image.id)))
    }

    /// `GET /api/v1/images/{image_id}/direct?size=`: the bytes themselves.
    func direct(_ request: Request) async throws -> Response {
        let (image, variant) = try await requested(request)
        return try await service.serve(image, variant: variant.name, to: request)
    }

    /// `GET /storage/{bucket}/processed/{variant}/{file}`: the address that answers carry.
    func stored(_ request: Request) async throws -> Response {
        let path = request.path
        guard let (id, name) = parseStored(path) else { throw ImagesError.imageNotFound }
        guard let image = try await service.store.find(id), path == storedPath(of: image, variant: name) else {
            throw ImagesError.imageNotFound
        }
        if let signature = try request.query("signature", as: String.self) {
            let expires = try request.query("expires", as: Int.self) ?? 0
            try service.wire.links.verify(path: path, expires: expires, signature: signature)
        } else {
            try await service.requireRead(image, by: request.principal)
        }
        if image.keepsOriginal { _ = try await service.variant(name, of: image) }
        return try await service.serve(image, variant: name, to: request)
    }

    /// `GET /api/v1/images/{image_id}/similar?max=10`: pictures that look alike, nearest first.
    func similar(_ request: Request) async throws -> Response {
        let limit = try request.query("max", as: Int.self) ?? 10
        guard (1...100).contains(limit) else {
            throw ImagesError.badField(name: "max", reason: "Use a number from 1 to 100.")
        }
        let image = try await service.readable(request.imageID(), by: request.principal)
        let found = try await service.similar(to: image, limit: limit, principal: request.principal)
        let images = found.map { hit -> JSON in
            [
                "image_id": JSON(hit.image.id), "distance": JSON(hit.distance),
                "url": JSON(service.wire.links.url(of: hit.image, variant: "thumbnail")),
            ]
        }
        return .json(["image_id": JSON(image.id), "similar": JSON(images)])
    }

    /// `DELETE /api/v1/images/{image_id}`
    func delete(_ request: Request) async throws -> Response {
        let principal = try request.signedIn()
        let id = try request.imageID()
        guard let image = try await service.store.find(id) else { throw ImagesError.imageNotFound }
        try await service.requireDelete(image, by: principal)
        let removed = try await service.delete(image, actor: principal.subject)
        return .json(service.wire.deleted(image, filesRemoved: removed))
    }

    private func requested(_ request: Request) async throws -> (ImageRecord, StoredVariant) {
        let size = try request.imageSize(service.settings)
        let image = try await service.readable(request.imageID(), by: request.principal)
        return (image, try await service.variant(size, of: image))
    }
}

extension Request {
    /// The `size` asked for: one that is made here or that the original knew.
    ///
    /// - Throws: 422 for any other name.
    func imageSize(_ settings: ImagesSettings) throws -> String {
        guard let name = try query("size", as: String.self) else { return "medium" }
        let made = settings.sizes.map(\.name)
        let known = made + ["thumbnail", "medium", "large", "original"].filter { !made.contains($0) }
        guard known.contains(name) else {
            throw HTTPError.invalidParameter(name: "size", reason: "Use one of \(known.joined(separator: ", ")).")
        }
        return name
    }

    /// The path's `image_id`; what is no id names no picture.
    func imageID() throws -> ID<ImageRecord> {
        guard let id = ID<ImageRecord>(try path("image_id", as: String.self)) else { throw ImagesError.imageNotFound }
        return id
    }

    /// - Throws: ``ImagesError/notSignedIn`` without a principal.
    func signedIn() throws(ImagesError) -> Principal {
        guard let principal else { throw .notSignedIn }
        return principal
    }
}

/// Takes image and variant from the last segment, `{image}_{variant}.webp`.
private func parseStored(_ path: String) -> (ID<ImageRecord>, String)? {
    guard let file = path.split(separator: "/").last, file.hasSuffix(".webp") else { return nil }
    let parts = file.dropLast(5).split(separator: "_", maxSplits: 1)
    guard parts.count == 2, let id = ID<ImageRecord>(String(parts[0])) else { return nil }
    return (id, String(parts[1]))
}
