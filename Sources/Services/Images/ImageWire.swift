import HTTPServer
import Kernel

/// The JSON bodies that clients of the original read, field by field; what is new stands behind.
struct ImageWire: Sendable {
    let links: ImageLinks

    func accepted(_ accepted: UploadImage.Accepted) -> JSON {
        var body: JSON = [
            "job_id": JSON(accepted.jobID),
            "image_id": JSON(accepted.image),
            "status_url": JSON("/api/v1/images/jobs/\(accepted.jobID)"),
            "message": "Upload accepted. Processing initiated.",
        ]
        if !accepted.warnings.isEmpty { body["warnings"] = JSON(accepted.warnings) }
        return body
    }

    /// Without addresses for who may not see the picture: that of a private one is a key to it.
    func job(_ image: ImageRecord, variants: [StoredVariant], isReadable: Bool) -> JSON {
        [
            "job_id": JSON(image.jobID),
            "image_id": JSON(image.id),
            "status": JSON(image.status.rawValue),
            "created_at": JSON(image.createdAt),
            "completed_at": JSON(image.completedAt),
            "error": JSON(image.error),
            "attempts": JSON(image.attempts),
            "started_at": JSON(image.startedAt),
            "links": isReadable ? urls(image, variants) : [:],
            "variants": variantFacts(variants),
        ]
    }

    /// `urls` holds paths below the bucket, as it always did; `links` what can be fetched, as in ``job(_:variants:isReadable:)``.
    func result(_ image: ImageRecord, variants: [StoredVariant], isReadable: Bool) -> JSON {
        [
            "job_id": JSON(image.jobID),
            "image_id": JSON(image.id),
            "status": "completed",
            "urls": .object(variants.map { ($0.name, JSON(StoredVariant.path(of: image.id, name: $0.name))) }),
            "metadata": metadata(image, variants),
            "completed_at": JSON(image.completedAt),
            "links": isReadable ? urls(image, variants) : [:],
        ]
    }

    func image(_ image: ImageRecord, variant: StoredVariant) -> JSON {
        [
            "image_id": JSON(image.id),
            "url": JSON(links.url(of: image, variant: variant.name)),
            "size": JSON(variant.name),
            "metadata": [
                "dominant_color": image.facts["dominant_color"] ?? .null,
                "dimensions": facts(variant),
            ],
        ]
    }

    func all(_ image: ImageRecord, variants: [StoredVariant]) -> JSON {
        ["image_id": JSON(image.id), "urls": urls(image, variants), "metadata": metadata(image, variants)]
    }

    func batch(_ found: [(image: ImageRecord, variant: StoredVariant)], requested: Int, missing: [String]) -> JSON {
        let images = found.map { image, variant -> JSON in
            [
                "image_id": JSON(image.id),
                "url": JSON(links.url(of: image, variant: variant.name)),
                "size": JSON(variant.name),
                "dominant_color": image.facts["dominant_color"] ?? .null,
            ]
        }
        return [
            "images": JSON(images),
            "requested": JSON(requested),
            "found": JSON(found.count),
            "missing": JSON(missing),
        ]
    }

    func deleted(_ image: ImageRecord, filesRemoved: Int) -> JSON {
        ["image_id": JSON(image.id), "deleted": true, "files_removed": JSON(filesRemoved)]
    }

    private func urls(_ image: ImageRecord, _ variants: [StoredVariant]) -> JSON {
        .object(variants.map { ($0.name, JSON(links.url(of: image, variant: $0.name))) })
    }

    /// What the client sent and what was found out, in one object.
    private func metadata(_ image: ImageRecord, _ variants: [StoredVariant]) -> JSON {
        image.metadata.merging(image.facts).merging(["variants": variantFacts(variants)])
    }

    private func variantFacts(_ variants: [StoredVariant]) -> JSON {
        .object(variants.map { ($0.name, facts($0)) })
    }

    private func facts(_ variant: StoredVariant) -> JSON {
        [
            "width": JSON(variant.width),
            "height": JSON(variant.height),
            "aspect_ratio": JSON(variant.aspectRatio),
            "format": "webp",
            "size_bytes": JSON(variant.sizeBytes),
        ]
    }
}
