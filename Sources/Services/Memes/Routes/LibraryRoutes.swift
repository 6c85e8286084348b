import HTTPServer
import Kernel

/// Collections of memes.
struct LibraryRoutes: Sendable {
    let envelope: Envelope
    let service: MemesModule

    /// `GET /libraries`: all of them, with how many memes each has.
    func list(_ request: Request) async throws -> Response {
        let counts = try await service.libraries.counts()
        let libraries = try await service.libraries.all().map { library in
            json(library).merging(["memes": JSON(counts[library.id] ?? 0)])
        }
        return envelope.answer(JSON(libraries))
    }

    /// `GET /libs_manifest`: as clients of community libraries read it.
    func manifest(_ request: Request) async throws -> Response {
        let libraries = try await service.libraries.all().map { library in
            (key: library.id.description, value: json(library).merging(["uuid": JSON(library.id), "tags": []]))
        }
        return .json(["meme_libs": .object(libraries)])
    }

    /// `POST /libraries` with `{"name", "version", "author", "description"}`
    func create(_ request: Request) async throws -> Response {
        try request.requireWriter()
        let body = try await request.json()
        func text(_ name: String, _ range: ClosedRange<Int>) throws -> String {
            let text = body[name]?.string ?? ""
            guard range.contains(text.unicodeScalars.count) else {
                let reason = "Send a text of \(range.lowerBound) to \(range.upperBound) characters."
                throw MemesError.badField(name: name, reason: reason)
            }
            return text
        }
        let (id, name) = (ID<MemeLibrary>(), try text("name", 1...120))
        try await service.libraries.put(
            id: id,
            name: name,
            version: try text("version", 0...40),
            author: try text("author", 0...120),
            description: try text("description", 0...2000),
            at: service.parts.time.now,
        )
        guard let library = try await service.libraries.find(name: name), library.id == id else {
            throw MemesError.nameTaken
        }
        return envelope.answer(json(library))
    }

    /// `PUT /libraries/{library_id}/memes/{meme_id}`
    func put(_ request: Request) async throws -> Response { try await change(request, isIn: true) }

    /// `DELETE /libraries/{library_id}/memes/{meme_id}`: the meme stays, on no shelf of this library.
    func remove(_ request: Request) async throws -> Response { try await change(request, isIn: false) }

    private func change(_ request: Request, isIn: Bool) async throws -> Response {
        try request.requireWriter()
        guard let library = ID<MemeLibrary>(try request.path("library_id", as: String.self)),
            try await service.libraries.find(library) != nil
        else { throw MemesError.libraryNotFound }
        guard let id = ID<Meme>(try request.path("meme_id", as: String.self)) else { throw MemesError.memeNotFound }
        try await service.libraries.set(id, in: library, isIn: isIn, memes: service.memes, at: service.parts.time.now)
        return envelope.answer([])
    }

    private func json(_ library: MemeLibrary) -> JSON {
        [
            "id": JSON(library.id), "name": JSON(library.name), "version": JSON(library.version),
            "author": JSON(library.author), "description": JSON(library.description),
            "created_at": JSON(library.createdAt), "timestamp": JSON(library.updatedAt.milliseconds / 1000),
        ]
    }
}
