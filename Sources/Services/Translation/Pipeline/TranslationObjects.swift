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

    /// What a model drew; `nil` when it is gone. `name`: its key as text.
    func drawing(_ name: String) async throws -> [UInt8]? {
        guard let key = ObjectKey(name) else { return nil }
        do { return try await objects.get(key) } catch StorageError.notFound { return nil }
    }

    /// What a model drew of this picture, for every rendering of it.
    func drawing(of image: TranslationImage) async throws -> [UInt8]? {
        guard image.flags.contains("drawn_by_model") else { return nil }
        return try await drawing(Self.drawingKey(of: image.id).text)
    }

    static func drawingKey(of image: ID<TranslationImage>) -> ObjectKey {
        ObjectKey(unchecked: "translations/\(image)/drawing.png")
    }

    func removeAll(of image: ID<TranslationImage>) async throws {
        try await objects.deleteAll(prefix: "translations/\(image)/")
    }

    /// Removes all files of pictures and all that were sent for tasks. What was sent goes with the
    /// task, not when the pictures are made: a backup whose rows are older than its files needs it.
    func removeAll(of images: [ID<TranslationImage>], sentFor tasks: [ID<TranslationTask>]) async throws {
        try await objects.deleteAll(prefixes: images.map { "translations/\($0)/" } + tasks.map(Self.folder))
    }

    /// Keeps a file of a task of which pictures are made later, and gives its name.
    func put<Entity>(sent file: [UInt8], as id: ID<Entity>, of task: ID<TranslationTask>) async throws -> String {
        let key = ObjectKey(unchecked: "\(Self.folder(of: task))\(id)")
        try await objects.put(file, at: key)
        return key.text
    }

    /// What was sent; `nil` when it is gone.
    func sent(_ file: SentFile) async throws -> [UInt8]? {
        do { return try await objects.get(ObjectKey(unchecked: file.key)) } catch StorageError.notFound { return nil }
    }

    private static func folder(of task: ID<TranslationTask>) -> String { "translations/sent/\(task)/" }

    static func key(_ kind: Kind, of image: ID<TranslationImage>, revision: Int) -> ObjectKey {
        ObjectKey(unchecked: "translations/\(image)/\(kind.rawValue)-\(revision).png")
    }
}

extension StageParts {
    /// Puts the files of a rendering. Of a picture that is removed meanwhile none stays: ``RemoveTask`` hides the task
    /// before it looks for files, so whoever comes after it knows here.
    func keep(
        _ drawing: PictureLetterer.Drawing,
        of image: TranslationImage,
        revision: Int,
        in objects: TranslationObjects,
    ) async throws {
        try await keep(image, in: objects) { try await objects.put(drawing, of: image.id, revision: revision) }
    }

    /// Puts what a model drew of a picture; gives its name.
    func keep(
        modelDrawing file: [UInt8],
        of image: TranslationImage,
        in objects: TranslationObjects,
    ) async throws -> String {
        let key = TranslationObjects.drawingKey(of: image.id)
        try await keep(image, in: objects) { try await objects.objects.put(file, at: key) }
        return key.text
    }

    private func keep(
        _ image: TranslationImage,
        in objects: TranslationObjects,
        _ put: @escaping @Sendable () async throws -> Void,
    ) async throws {
        // Not in a task that may be cancelled, as the removal does.
        let keeping = Task { [tasks] in
            try await put()
            guard try await !tasks.isThere(image.task) else { return }
            try await objects.removeAll(of: image.id)
            throw TranslationError.taskNotFound
        }
        try await keeping.value
    }
}
