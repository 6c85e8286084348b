import Kernel

/// How a page shows a stored picture: addresses of its sizes, and what fills its place before they arrive.
package struct PictureLook: Sendable {
    /// At most 150 px.
    package let small: String
    /// At most 600 px.
    package let medium: String
    /// At most 1200 px.
    package let large: String
    /// A blurred picture in a few bytes, in base64; `nil` where nothing was found out.
    package let thumbhash: String?
}

extension ImagesModule {
    /// The looks of pictures, with addresses that need no header; those that are no more are left out.
    package func looks(of ids: [ID<StoredPicture>]) async throws -> [ID<StoredPicture>: PictureLook] {
        let links = service.wire.links
        let found = try await service.store.completed(ids.map { ID(same: $0) })
        return Dictionary(
            uniqueKeysWithValues: found.map { image, _ in
                let look = PictureLook(
                    small: links.url(of: image, variant: "thumbnail"),
                    medium: links.url(of: image, variant: "medium"),
                    large: links.url(of: image, variant: "large"),
                    thumbhash: image.facts["thumbhash"]?.string,
                )
                return (ID(same: image.id), look)
            }
        )
    }
}
