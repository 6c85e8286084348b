import Database
import HTTPServer
import Kernel
import ObjectStore

// What other services ask for: pictures of their own, stored through the one way in.
extension ImagesModule {
    /// Stores a picture for another service; see ``StorePolicy``. Nothing counts against an upload quota.
    ///
    /// - Parameters:
    ///   - bytes: The whole file; its type is read from its first bytes.
    ///   - id: The id that the picture gets, new for every picture. A job that stores one and may run again has the same for
    ///     each attempt, and asks in `also` whether it still holds its job.
    ///   - policy: What is accepted, and what is made of it.
    ///   - also: The caller's own rows, in the transaction of the picture's. What it throws keeps the picture out.
    /// - Returns: What is known of the picture.
    /// - Throws: A ``Kernel/Failure`` of status 413, 415 or 422 for a picture that is not accepted.
    package func store(
        _ bytes: [UInt8],
        as id: ID<StoredPicture> = ID(),
        _ policy: StorePolicy,
        also: @escaping @Sendable (StoredPicture, any Transaction) throws -> Void = { _, _ in },
    ) async throws -> StoredPicture {
        try await StorePicture(service: service)(bytes, as: id, policy, also: also)
    }

    /// - Throws: 507 while too little of the disk is free for anything new. ``store(_:as:_:also:)`` asks by itself.
    package func requireRoom() async throws { try await service.requireRoom() }

    /// The file as sent of a picture whose original is kept.
    ///
    /// - Throws: A 404 when there is no such picture.
    package func original(of id: ID<StoredPicture>) async throws -> [UInt8] {
        do {
            return try await service.objects.get(KeptOriginal.key(of: ID(same: id)))
        } catch StorageError.notFound {
            throw ImagesError.imageNotFound
        }
    }

    /// A size of a picture, made now where nobody has asked for it yet.
    ///
    /// - Throws: A 404 when there is no such picture or no such size.
    package func size(
        _ name: String,
        of id: ID<StoredPicture>,
    ) async throws -> (bytes: [UInt8], width: Int, height: Int) {
        let image = try await kept(id)
        let variant = try await service.variant(name, of: image)
        let key = variantKey(of: image.id, bucket: image.bucket, name: name)
        return (try await service.objects.get(key), variant.width, variant.height)
    }

    /// Answers with the file as sent. Whether the asker may see it is the caller's to decide.
    package func serveOriginal(
        of id: ID<StoredPicture>,
        named filename: String,
        to request: Request,
    ) async throws -> Response {
        try await service.serveOriginal(try await kept(id), filename: filename, to: request)
    }

    /// Removes a picture with its files, and in the same transaction what `also` removes.
    ///
    /// - Returns: Whether there was such a picture; when not, nothing is done.
    @discardableResult
    package func delete(
        _ id: ID<StoredPicture>,
        actor: String,
        also: @escaping @Sendable (any Transaction) throws -> Void = { _ in },
    ) async throws -> Bool {
        guard let image = try await service.store.find(ID(same: id)) else { return false }
        _ = try await service.delete(image, actor: actor, also: also)
        return true
    }

    /// Removes pictures with their files, all in one transaction. Of one that was about to be stored when its process
    /// ended the file goes.
    package func deleteAll(_ ids: [ID<StoredPicture>], actor: String) async throws {
        let images = try await service.store.find(ids.map { ID(same: $0) })
        try await service.deleteAll(images, actor: actor)
        for id in Set(ids.map { ID<ImageRecord>(same: $0) }).subtracting(images.map(\.id)) {
            _ = try await service.objects.delete(KeptOriginal.key(of: id))
        }
    }

    /// Addresses of a size of pictures, signed where they are private; those that are no more are left out.
    package func addresses(
        of ids: [ID<StoredPicture>],
        size: String,
    ) async throws -> [ID<StoredPicture>: String] {
        let links = service.wire.links
        let found = try await service.store.completed(ids.map { ID(same: $0) })
        return Dictionary(
            uniqueKeysWithValues: found.map { (ID(same: $0.image.id), links.url(of: $0.image, variant: size)) }
        )
    }

    /// A path of this server with a signature that lets anyone read it for half an hour to an hour.
    package func signed(_ path: String) -> String { service.wire.links.signed(path) }

    /// Whether the request carries the signature of ``signed(_:)``; `false` when it carries none.
    ///
    /// - Throws: 403 for a wrong signature, 410 for one that has ended, 422 for a time that is none.
    package func verifySignature(of request: Request) throws -> Bool {
        let expires = try request.query("expires", as: Int.self) ?? 0
        guard (0...9_000_000_000_000).contains(expires) else {
            throw HTTPError.invalidParameter(name: "expires", reason: "Use seconds since 1970.")
        }
        guard let signature = try request.query("signature", as: String.self) else { return false }
        try service.wire.links.verify(path: request.path, expires: expires, signature: signature)
        return true
    }

    private func kept(_ id: ID<StoredPicture>) async throws -> ImageRecord {
        guard let image = try await service.store.find(ID(same: id)), image.keepsOriginal else {
            throw ImagesError.imageNotFound
        }
        return image
    }
}
