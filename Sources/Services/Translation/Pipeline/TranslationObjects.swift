import Kernel
import ObjectStore

/// The files that are made of a picture. Each rendering has names of its own.
struct TranslationObjects: Sendable {
    /// What is made of a picture.
    enum Kind: String, Sendable, CaseIterable {
        case image, clean, mask
    }

    let objects: any ObjectStore

    func put(
        _ drawing: PictureLetterer.Drawing,
        of image: ID<TranslationImage>,
        revision: Int,
    ) async throws {
        try await objects.put(drawing.picture, at: Self.key(.image, of: image, revision: revision))
        try await objects.put(drawing.clean, at: Self.key(.clean, of: image, revision: revision))
        try await objects.put(drawing.mask, at: Self.key(.mask, of: image, revision: revision))
    }

    /// Removes a rendering that another one has replaced; what fails goes with the task.
    func removeSoon(_ image: ID<TranslationImage>, revision: Int) {
        Task { [objects] in
            for kind in Kind.allCases {
                _ = try? await objects.delete(Self.key(kind, of: image, revision: revision))
            }
        }
    }

    func removeAll(of image: ID<TranslationImage>) async throws {
        try await objects.deleteAll(prefix: "translations/\(image)/")
    }

    /// Removes everything of a picture that was deleted while it was drawn.
    func removeAllSoon(of image: ID<TranslationImage>) {
        Task { [self] in try? await removeAll(of: image) }
    }

    static func key(_ kind: Kind, of image: ID<TranslationImage>, revision: Int) -> ObjectKey {
        ObjectKey(unchecked: "translations/\(image)/\(kind.rawValue)-\(revision).png")
    }
}
