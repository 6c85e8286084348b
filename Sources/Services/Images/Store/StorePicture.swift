import Database
import Imaging
import Jobs
import Kernel
import ObjectStore

/// Stores a picture for another service: no token, no quota, and whatever rows that service keeps of it in the same
/// transaction.
struct StorePicture: Sendable {
    let service: ImagesService

    /// Rows of the caller's, written with the picture's own.
    typealias Also = @Sendable (StoredPicture, any Transaction) throws -> Void

    /// - Throws: What ``checkPicture(_:isLenient:_:)`` throws, what `also` throws, else what the store or the database
    ///   threw; then nothing is left behind.
    func callAsFunction(
        _ bytes: [UInt8],
        as id: ID<StoredPicture>,
        _ policy: StorePolicy,
        also: @escaping Also,
    ) async throws -> StoredPicture {
        precondition(policy.sizes != .lazy || policy.keepsOriginal, "sizes are made later from the original only")
        let bucket = try Bucket(policy.bucket, strict: false)
        try await service.requireRoom()
        let made = try await make(bytes, policy)
        let picture = StoredPicture(
            id: id,
            contentHash: made.hash,
            mimeType: made.header.format.mimeType,
            sizeBytes: made.bytes.count,
            header: made.header,
            facts: made.facts,
        )
        let image = newImage(picture, policy, bucket)
        var keys: [ObjectKey] = []
        do {
            if let key = sourceKey(of: image, policy) {
                keys.append(key)
                try await service.objects.put(made.bytes, at: key)
            }
            for variant in made.variants {
                let key = variantKey(of: image.id, bucket: bucket.description, name: variant.name)
                keys.append(key)
                try await service.objects.put(variant.bytes, at: key)
            }
            try await insert(image, picture, made.variants, policy, also)
        } catch {
            // If the picture is there after all, it needs its files; so does another attempt at the same one.
            if case .unknownOutcome? = error as? DatabaseError { throw error }
            let isAbsent = try? await service.store.find(ID(same: id)) == nil
            guard !(error is JobLost), isAbsent ?? true else { throw error }
            for key in keys { _ = try? await service.objects.delete(key) }
            throw error
        }
        return picture
    }

    private struct Made: Sendable {
        /// The file that is kept: what was sent, or the PNG that became of it.
        let bytes: [UInt8]
        let hash: String
        let header: ImageHeader
        var facts: PictureFacts?
        var variants: [Variant] = []
    }

    /// Checks the file and makes the smallest size, off the event loop.
    private func make(_ bytes: [UInt8], _ policy: StorePolicy) async throws -> Made {
        let mimeType = ImageFormat.mimeType(of: bytes)
        guard policy.types.contains(mimeType) else {
            throw ImagesError.unsupportedType(detected: mimeType, allowed: policy.types)
        }
        let accepted = try await (PictureConversion.pool(for: bytes) ?? service.pool).run {
            try Self.accepted(bytes, mimeType, policy.limits)
        }
        guard policy.sizes == .lazy else { return accepted }
        let settings = service.settings
        return try await service.pool.run {
            var made = accepted
            var maker = settings.variantMaker(isLenient: false)
            maker.limits = policy.limits
            maker.sizes = maker.sizes.min { $0.longestSide < $1.longestSide }.map { [$0] } ?? []
            var variants: [Variant] = []
            made.facts = try maker.make(from: made.bytes) { variants.append($0) }
            made.variants = variants
            return made
        }
    }

    /// The file as it is kept. What becomes PNG may be longer than a file that is sent.
    private static func accepted(_ bytes: [UInt8], _ mimeType: String, _ limits: ImageLimits) throws -> Made {
        guard ImageFormat.convertible.contains(where: { $0.mimeType == mimeType }) else {
            return Made(bytes: bytes, hash: Digest.sha256(bytes).hexadecimal, header: try limits.inspect(bytes))
        }
        let frames = try PictureConversion.header(of: bytes, limits: limits).frames
        let png = try PictureConversion.png(from: bytes, limits: limits)
        var header = try ImageHeader.read(png)
        header.frames = frames
        return Made(bytes: png, hash: Digest.sha256(png).hexadecimal, header: header)
    }

    private func newImage(_ picture: StoredPicture, _ policy: StorePolicy, _ bucket: Bucket) -> NewImage {
        NewImage(
            id: ID(same: picture.id),
            jobID: ID(),
            owner: policy.owner,
            organization: bucket.organization ?? "default-org",
            bucket: bucket,
            contentHash: picture.contentHash,
            mimeType: picture.mimeType,
            sizeBytes: picture.sizeBytes,
            keepsOriginal: policy.keepsOriginal,
            metadata: [
                "uploader_id": JSON(policy.owner),
                "detected_mime_type": JSON(picture.mimeType),
                "content_length": JSON(picture.sizeBytes),
            ],
        )
    }

    private func sourceKey(of image: NewImage, _ policy: StorePolicy) -> ObjectKey? {
        if policy.keepsOriginal { return KeptOriginal.key(of: image.id) }
        return policy.sizes == .all ? StagedSource.key(of: image.id) : nil
    }

    private func insert(
        _ image: NewImage,
        _ picture: StoredPicture,
        _ variants: [Variant],
        _ policy: StorePolicy,
        _ also: @escaping Also,
    ) async throws {
        let (store, jobs, now) = (service.store, service.jobs, service.time.now)
        // Pictures made by the usual recipe have all sizes; these are no twins of theirs.
        let recipe = policy.sizes == .all ? service.settings.recipe(isLenient: false) : "stored"
        let facts = picture.facts.map(factsJSON)
        try await store.database.transaction { transaction in
            try store.insert(image, recipe: recipe, at: now, in: transaction)
            if policy.sizes == .all {
                try jobs.enqueue(MakeVariants(image: image.id, isLenient: false), id: image.jobID, in: transaction)
            } else {
                for variant in variants { try store.put(StoredVariant(variant), of: image.id, in: transaction) }
                try store.complete(
                    image.id,
                    facts: facts ?? [:],
                    perceptualHash: facts?["perceptual_hash"]?.string,
                    at: now,
                    in: transaction,
                )
            }
            try also(picture, transaction)
        }
    }
}

extension StoredVariant {
    init(_ variant: Variant) {
        self.init(
            name: variant.name,
            width: variant.size.width,
            height: variant.size.height,
            sizeBytes: variant.bytes.count,
        )
    }
}

extension ImagesService {
    /// A size of the picture; one that nobody asked for yet is made now where the original was kept.
    ///
    /// - Throws: ``ImagesError/variantNotFound`` when there is none and none can be made.
    func variant(_ name: String, of image: ImageRecord) async throws -> StoredVariant {
        if let made = try await store.variants(of: image.id).first(where: { $0.name == name }) { return made }
        var maker = settings.variantMaker(isLenient: false)
        maker.sizes = maker.sizes.filter { $0.name == name }
        guard image.keepsOriginal, !maker.sizes.isEmpty else { throw ImagesError.variantNotFound }
        let source = try await objects.get(image.sourceKey)
        let variants = try await pool.run { [maker] in
            var variants: [Variant] = []
            _ = try maker.make(from: source) { variants.append($0) }
            return variants
        }
        guard let variant = variants.first else { throw ImagesError.variantNotFound }
        try await objects.put(variant.bytes, at: variantKey(of: image.id, bucket: image.bucket, name: name))
        let (store, stored) = (store, StoredVariant(variant))
        try await store.database.transaction { try store.put(stored, of: image.id, in: $0) }
        return stored
    }
}
