import HTTPServer
import Images
import Kernel

/// How memes are told to clients.
struct MemePresenter: Sendable {
    let images: ImagesModule
    let libraries: LibraryStore
    let lookup: any MemeLookup
    let memes: MemeStore
    /// What others put before the addresses; `nil` for what the client itself used.
    let publicURL: String?
    let texts: MemeTextStore

    /// The absolute address of the original file, signed: it needs no header.
    func fileAddress(of id: String, for request: Request) -> String {
        base(request) + images.signed("/meme/\(id)/file")
    }

    /// Hits with their scores and reasons, and what is known of each meme; those deleted meanwhile are left out.
    func hits(_ hits: [MemeFindings.Hit], for request: Request) async throws -> [JSON] {
        let ids = hits.compactMap { ID<Meme>($0.id) }
        let found = Dictionary(uniqueKeysWithValues: try await memes.find(all: ids).map { ($0.id.description, $0) })
        let words = try await texts.texts(of: ids)
        let thumbnails = try await images.addresses(of: ids.map { ID(same: $0) }, size: "thumbnail")
        return hits.compactMap { hit in
            guard let meme = found[hit.id] else { return nil }
            var json = reasons(hit)
            json["url"] = JSON(fileAddress(of: hit.id, for: request))
            json["thumbnail_url"] = JSON(thumbnails[ID(same: meme.id)].map { base(request) + $0 })
            return json.merging(facts(meme, words[meme.id] ?? MemeTexts([])))
        }
    }

    /// A meme with everything that is known of it.
    func meme(_ meme: Meme, for request: Request) async throws -> JSON {
        let words = try await texts.texts(of: [meme.id])[meme.id] ?? MemeTexts([])
        let shelves = try await libraries.names(of: [meme.id])[meme.id] ?? []
        let original = try await lookup.original(of: meme)
        let address: JSON = [
            "id": JSON(meme.id), "url": JSON(fileAddress(of: meme.id.description, for: request)),
        ]
        return address.merging(facts(meme, words)).merging([
            "status": JSON(meme.status.rawValue), "libraries": JSON(shelves),
            "duplicate_of": JSON(original?.description),
            "locked": JSON(words.locked.map(\.rawValue)), "content_hash": JSON(meme.contentHash),
            "likes": JSON(meme.likes), "dislikes": JSON(meme.dislikes), "sent": JSON(meme.sent),
            "created_at": JSON(meme.createdAt), "updated_at": JSON(meme.updatedAt),
        ])
    }

    /// Memes of a list, in its order.
    func list(_ page: [Meme], for request: Request) async throws -> [JSON] {
        let words = try await texts.texts(of: page.map(\.id))
        let thumbnails = try await images.addresses(of: page.map { ID(same: $0.id) }, size: "thumbnail")
        return page.map { meme in
            let address: JSON = [
                "id": JSON(meme.id), "status": JSON(meme.status.rawValue),
                "url": JSON(fileAddress(of: meme.id.description, for: request)),
                "thumbnail_url": JSON(thumbnails[ID(same: meme.id)].map { base(request) + $0 }),
            ]
            return address.merging(facts(meme, words[meme.id] ?? MemeTexts([])))
        }
    }

    private func reasons(_ hit: MemeFindings.Hit) -> JSON {
        [
            "id": JSON(hit.id), "score": JSON(hit.score),
            "legs": JSON(hit.terms.map(\.json)),
            "words": JSON(hit.words), "hidden": JSON(hit.hidden),
        ]
    }

    private func facts(_ meme: Meme, _ texts: MemeTexts) -> JSON {
        [
            "file_name": JSON(meme.fileName), "type": JSON(meme.mimeType), "bytes": JSON(meme.sizeBytes),
            "size": ["width": JSON(meme.width), "height": JSON(meme.height)],
            "animated": JSON(meme.frames > 1), "colors": JSON(namesOfColours(meme.colours)),
            "family": JSON(hexadecimal(meme.perceptualHash)),
            "ocr": JSON(texts.joined(.caption)), "title": JSON(texts.joined(.title)),
            "meaning": JSON(texts.joined(.meaning)), "scene": JSON(texts.joined(.scene)),
            "template": JSON(texts.joined(.template)), "tags": JSON(texts.values(.keywords)),
            "subjects": JSON(texts.values(.subjects)), "emotions": JSON(texts.values(.emotions)),
        ]
    }

    private func base(_ request: Request) -> String {
        if let publicURL { return publicURL.hasSuffix("/") ? String(publicURL.dropLast()) : publicURL }
        guard let host = request.host, !host.isEmpty else { return "" }
        return "\(request.isSecure ? "https" : "http")://\(host)"
    }
}
