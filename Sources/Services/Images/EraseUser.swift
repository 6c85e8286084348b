import Database
import Kernel
import ObjectStore

/// Removes everything the images service keeps of a user: pictures, files, events, counts.
struct EraseUser: Sendable {
    let service: ImagesService

    /// - Returns: How many pictures were removed.
    func callAsFunction(_ owner: String) async throws -> Int {
        let images = try await service.store.all(ofOwner: owner)
        for image in images {
            _ = try? await service.delete(image, actor: owner)
            _ = try? await service.objects.delete(StagedSource.key(of: image.id))
        }
        try await service.store.database.transaction { transaction in
            try transaction.execute(
                "DELETE FROM image_event WHERE image_id IN (SELECT id FROM image WHERE owner = \(owner))"
            )
            try transaction.execute("DELETE FROM image_event WHERE actor = \(owner)")
            try transaction.execute("DELETE FROM image_idempotency WHERE owner = \(owner)")
            for table: SQL in ["image_upload_slice", "image_upload_subject"] {
                try transaction.execute("DELETE FROM \(table) WHERE scope = 'user' AND subject = \(owner)")
            }
            try transaction.execute("DELETE FROM image WHERE owner = \(owner)")
        }
        return images.count
    }
}
