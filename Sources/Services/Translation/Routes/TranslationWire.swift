import HTTPServer
import Images
import Kernel

/// How tasks are told to clients: the original's fields in its form, ours after them.
struct TranslationWire: Sendable {
    let images: ImagesModule
    /// What others put before the addresses; `nil` for what the client itself used.
    let publicURL: String?

    /// A task with all its pictures. Times are as the original wrote them, UTC without a zone.
    func result(_ state: TaskState, _ outlook: WaitEstimate.Outlook? = nil, base: String) -> JSON {
        let task = state.task
        return [
            "task_id": JSON(task.id),
            "status": JSON(state.status.rawValue),
            "success": state.isFinal ? JSON(state.status == .completed) : .null,
            "partial_results": JSON(state.images.map { picture($0, base) }),
            "completed_images": JSON(state.finished),
            "total_images": JSON(state.images.count),
            "target_language": JSON(Language(task.target)?.name ?? task.target),
            "created_at": naive(task.createdAt),
            "started_at": naive(state.startedAt),
            "completed_at": naive(state.completedAt),
            "processing_time": seconds(from: state.startedAt, to: state.completedAt),
            "error": state.status == .failed ? JSON(state.images.lazy.compactMap(\.error).first) : .null,
            "estimated_wait_time": JSON(outlook?.seconds),
            "queue_position": JSON(outlook?.position),
            "seq": JSON(state.seq),
            "partial": JSON(state.isFinal && state.succeeded > 0 && state.succeeded < state.images.count),
            "expires_at": naive(task.expiresAt),
            "skipped": JSON(task.skipped.map(\.json)),
            "archive_url": state.status == .completed
                ? JSON(base + images.signed("/api/v1/translate/result/\(task.id)/archive")) : .null,
        ]
    }

    /// A picture of a task.
    func picture(_ image: TranslationImage, _ base: String) -> JSON {
        let isDone = image.state == .completed
        func address(_ kind: String) -> JSON {
            // Another drawing has another address, so that pages show it.
            isDone ? JSON(base + images.signed(Self.path(image, kind)) + "&revision=\(image.revision)") : .null
        }
        return [
            "index": JSON(image.position),
            "status": JSON(status(image.state).rawValue),
            "translated_text": isDone ? JSON(image.translatedText) : .null,
            "error": JSON(image.error),
            "completed_at": naive(image.completedAt),
            "processing_time": seconds(from: image.startedAt, to: image.completedAt),
            "state": JSON(image.state.rawValue),
            "error_code": JSON(image.errorCode),
            "file_name": JSON(image.fileName),
            "width": JSON(known(image.width)), "height": JSON(known(image.height)),
            "source_language": JSON(image.source),
            "provider": JSON(image.provider), "model": JSON(image.model), "cost": JSON(image.cost),
            "flags": JSON(image.flags),
            "quality": quality(image),
            "revision": JSON(image.revision),
            "blocks": isDone ? JSON(image.blocks.map(block)) : .null,
            "image_url": address("image"), "clean_url": address("clean"), "mask_url": address("mask"),
            "original_url": image.sent == nil ? JSON(base + images.signed(Self.path(image, "original"))) : .null,
        ]
    }

    static func path(_ image: TranslationImage, _ kind: String) -> String {
        "/api/v1/translate/result/\(image.task)/images/\(image.position)/\(kind)"
    }

    /// What a request's client puts before a path.
    func base(_ request: Request) -> String {
        if let publicURL { return publicURL.hasSuffix("/") ? String(publicURL.dropLast()) : publicURL }
        guard let host = request.host, !host.isEmpty else { return "" }
        return "\(request.isSecure ? "https" : "http")://\(host)"
    }

    private func block(_ block: TranslatedBlock) -> JSON {
        [
            "id": JSON(block.id),
            "box": [
                "x": JSON(block.box.x), "y": JSON(block.box.y), "width": JSON(block.box.width),
                "height": JSON(block.box.height),
            ],
            "angle": JSON(block.angle), "order": JSON(block.order), "source_text": JSON(block.text),
            "translation": JSON(block.edited ?? block.translation ?? block.text),
            "confidence": JSON(block.confidence), "translation_confidence": JSON(block.translationConfidence),
            "flags": JSON(block.flags + (block.edited == nil ? [] : ["edited"])), "skipped": JSON(block.isSkipped),
            "style": block.layout["style"] ?? .null,
        ]
    }

    /// The original's four words.
    private func status(_ state: TranslationImage.State) -> TaskState.Status {
        switch state {
        case .queued: .pending
        case .reading, .translating, .rendering: .processing
        case .completed: .completed
        case .failed, .cancelled: .failed
        }
    }

    private func quality(_ image: TranslationImage) -> JSON {
        guard image.state == .completed, !image.blocks.isEmpty else { return .null }
        return TranslationQuality(image.blocks).json
    }

    private func known(_ side: Int) -> Int? { side > 0 ? side : nil }

    private func naive(_ moment: Timestamp?) -> JSON { moment.map { JSON(String($0.rfc3339.dropLast())) } ?? .null }

    private func seconds(from start: Timestamp?, to end: Timestamp?) -> JSON {
        guard let start, let end else { return .null }
        return .number((end - start).seconds)
    }
}
