import Kernel
import ObjectStore

/// The files of pictures: removing them.
struct ImageObjects: Sendable {
    let objects: any ObjectStore

    /// Removes all stored sizes.
    ///
    /// - Returns: How many files there were.
    func removeVariants(of image: ImageRecord, names: [String]) async -> Int {
        var removed = 0
        for name in names where (try? await objects.delete(variantKey(of: image, name: name))) == true { removed += 1 }
        return removed
    }

    /// Removes the file as sent. What fails here is found by the sweeper.
    func removeSourceSoon(_ image: ID<ImageRecord>) {
        Task { [objects] in _ = try? await objects.delete(StagedSource.key(of: image)) }
    }

    /// Removes everything of a picture that was deleted while its job ran.
    func removeSoon(_ image: ImageRecord) {
        Task { [self] in
            _ = await removeVariants(of: image, names: ["thumbnail", "medium", "large", "original"])
            _ = try? await objects.delete(StagedSource.key(of: image.id))
        }
    }
}
