import Database
import Kernel
import ObjectStore

/// Removes everything the images service keeps of a user: pictures, files, events, counts.
struct EraseUser: Sendable {
    let service: ImagesService

    /// Safe to run again, and to be run again after an error: rows go last, because only they know the files. A
    /// picture that comes meanwhile stays, files and all.
    ///
    /// - Returns: How many pictures were removed.
    func callAsFunction(_ owner: String) async throws -> Int {
        let images = try await service.store.all(ofOwner: owner)
        for image in images { try await remove(image) }
        try await service.store.database.transaction { transaction in
            try transaction.execute(
                "DELETE FROM image_event WHERE image_id IN (SELECT id FROM image WHERE owner = \(owner))"
            )
            try transaction.execute("DELETE FROM image_event WHERE actor = \(owner)")
            try transaction.execute("DELETE FROM image_idempotency WHERE owner = \(owner)")
            for table: SQL in ["image_upload_slice", "image_upload_subject"] {
                try transaction.execute("DELETE FROM \(table) WHERE scope = 'user' AND subject = \(owner)")
            }
            try transaction.execute("DELETE FROM image WHERE owner = \(owner) AND deleted_at IS NOT NULL")
        }
        return images.count
    }

    private func remove(_ image: ImageRecord) async throws {
        do { _ = try await service.delete(image, actor: image.owner) } catch ImagesError.imageNotFound {
            // Deleted before; files may be left all the same.
        }
        for name in try await service.files.names(of: image.id) {
            try await service.objects.delete(variantKey(of: image.id, bucket: image.bucket, name: name))
        }
        for key in [StagedSource.key(of: image.id), KeptOriginal.key(of: image.id)] {
            try await service.objects.delete(key)
        }
    }
}
