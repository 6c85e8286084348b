import Kernel
import ObjectStore

/// The files of pictures: where they lie, and removing them.
struct ImageObjects: Sendable {
    let objects: any ObjectStore
    let store: ImageStore
    /// The names of all sizes that are made here.
    let names: [String]

    /// The names under which a picture may have files: work that ended between a file and its row leaves one without.
    /// The rows may name sizes that are made no more.
    func names(of image: ID<ImageRecord>) async throws -> [String] {
        let stored = try await store.variants(of: image).map(\.name)
        return stored + names.filter { !stored.contains($0) }
    }

    /// Removes stored sizes and forgets each whose file is gone; what fails stays for ``removeLeftovers()``.
    ///
    /// - Returns: How many files there were.
    func remove(_ names: [String], of image: ID<ImageRecord>, bucket: String) async -> Int {
        var removed = 0
        for name in names {
            guard let wasThere = try? await objects.delete(variantKey(of: image, bucket: bucket, name: name)) else {
                continue
            }
            if wasThere { removed += 1 }
            try? await store.forget(name, of: image)
        }
        return removed
    }

    /// Removes the kept file of a deleted picture; what fails stays for ``removeLeftovers()``.
    ///
    /// - Returns: How many files there were.
    func removeOriginal(of image: ID<ImageRecord>) async -> Int {
        guard let wasThere = try? await objects.delete(KeptOriginal.key(of: image)) else { return 0 }
        try? await store.forgetOriginal(of: image)
        return wasThere ? 1 : 0
    }

    /// Removes every file of deleted pictures; what fails stays for ``removeLeftovers()``.
    func removeAll(of images: [ImageRecord]) async throws {
        let stored = try await store.variants(ofAll: images.map(\.id))
        let keys = images.flatMap { image in
            let sizes = Set(names + (stored[image.id] ?? []).map(\.name)).map {
                variantKey(of: image.id, bucket: image.bucket, name: $0)
            }
            return sizes + [StagedSource.key(of: image.id)]
                + (image.keepsOriginal ? [KeptOriginal.key(of: image.id)] : [])
        }
        guard (try? await objects.delete(keys)) != nil else { return }
        try await store.forgetFiles(of: images.map(\.id))
    }

    /// Removes the file as sent. What fails here is found by the sweeper.
    func removeSourceSoon(_ image: ID<ImageRecord>) {
        Task { [objects] in _ = try? await objects.delete(StagedSource.key(of: image)) }
    }

    /// Removes everything of a picture that was deleted while its job ran: the job may have stored sizes since.
    func removeSoon(_ image: ID<ImageRecord>, bucket: String) {
        Task { [self] in
            _ = await remove(names, of: image, bucket: bucket)
            _ = try? await objects.delete(StagedSource.key(of: image))
        }
    }

    /// Removes files of deleted pictures that could not be removed with them, after a crash or a broken disk.
    func removeLeftovers() async throws {
        for leftover in try await store.leftovers(limit: 10_000) {
            _ = await remove([leftover.name], of: leftover.image, bucket: leftover.bucket)
        }
        for image in try await store.leftOriginals(limit: 10_000) { _ = await removeOriginal(of: image) }
    }
}

/// Where the file as sent lies until its sizes are made. Never below a public folder.
enum StagedSource {
    static let prefix = "staging/images/"

    static func key(of image: ID<ImageRecord>) -> ObjectKey { ObjectKey(unchecked: "\(prefix)\(image)") }
}

/// Where the file as sent lies when it is kept.
enum KeptOriginal {
    static func key(of image: ID<ImageRecord>) -> ObjectKey { ObjectKey(unchecked: "originals/images/\(image)") }
}

extension ImageRecord {
    /// Where the file lies from which sizes are made.
    var sourceKey: ObjectKey { keepsOriginal ? KeptOriginal.key(of: id) : StagedSource.key(of: id) }
}

/// Where a stored size lies: below its bucket, as clients of the original know it.
func variantKey(of image: ID<ImageRecord>, bucket: String, name: String) -> ObjectKey {
    ObjectKey(unchecked: "images/\(bucketPath(bucket))/\(StoredVariant.path(of: image, name: name))")
}

/// A bucket's text without a slash at the end: what keys and addresses are built from.
func bucketPath(_ bucket: String) -> String { bucket.hasSuffix("/") ? String(bucket.dropLast()) : bucket }
