import HTTPServer
import Imaging
import Kernel
import Synchronization

extension TranslationModule {
    /// The pictures in a file of this machine. It has no other user who could suffer: each picture has its limits, but
    /// they may be many and large together.
    ///
    /// - Throws: ``Kernel/Failure`` for what cannot be opened or holds no picture.
    package func content(of file: UploadedFile) async throws -> FileUnpacker.Content {
        var settings = parts.settings
        settings.maxImages = max(settings.maxImages, 10_000)
        settings.maxTotalBytes = max(settings.maxTotalBytes, 2 << 30)
        let unpacker = FileUnpacker(log: parts.log, settings: settings, pool: pool, counters: counters)
        return try await unpacker.content(of: file)
    }

    /// A picture that was translated without a task.
    package struct Translated: Sendable {
        package let drawing: PictureLetterer.Drawing
        /// With what stands there now.
        package var blocks: [TranslatedBlock] { drawing.blocks }
        /// BCP 47, as given or as found.
        package let source: String?
        package let provider: String
        package let model: String?
        package let flags: [String]
        /// How good it is, as far as the service can tell.
        package var quality: TranslationQuality { TranslationQuality(blocks) }
    }

    /// Translates one picture at once, for a command that waits for it. Quotas are waited for up to `patience`.
    ///
    /// - Parameters:
    ///   - file: The whole file, of any kind that a task takes as a picture.
    ///   - source: A name or a code; `nil` when it shall be found out.
    ///   - target: A name or a code.
    ///   - provider: Who shall do it; `nil` for whoever can.
    ///   - options: How it shall be done.
    ///   - patience: In all.
    /// - Returns: The picture in its new language, and who did it.
    /// - Throws: ``Kernel/Failure``.
    package func translate(
        _ file: [UInt8],
        from source: String?,
        to target: String,
        provider: String? = nil,
        options: TranslationOptions = TranslationOptions(),
        patience: Duration = .seconds(120),
    ) async throws -> Translated {
        let (from, language) = try checkReach(from: source, to: target, provider)
        guard let letterer = parts.letterer else { throw TranslationError.nothingReads }
        let (picture, frames) = try await readable(file)
        let original = drawable(picture)
        let wish = TranslationDesk.Wish(
            blocks: try await letterer.read(picture).blocks,
            source: from?.code,
            target: language.code,
            provider: provider,
            options: options,
            context: [],
            deadline: parts.time.now + patience,
            lookUntil: parts.time.now + patience / 2,
            picture: original,
            isLastTry: true,
        )
        let (result, drawn) = try await patiently(until: parts.time.now + patience) { [desk, time = parts.time] in
            let result = try await desk.translate(wish)
            guard let drawing = result.drawing else { return (result, [UInt8]?.none) }
            guard let file = try await original.file(of: drawing) else {
                throw BusyElsewhere(until: time.now + .seconds(1))
            }
            return (result, file)
        }
        let drawing = try await letterer.draw(
            PictureLetterer.Order(
                picture: picture,
                blocks: result.blocks,
                language: language.code,
                drawing: drawn,
                isChecked: parts.settings.checks || options.isStrict,
            )
        )
        if options.isStrict { try RenderingStage.requireGood(drawing.blocks) }
        return Translated(
            drawing: drawing,
            source: result.source,
            provider: result.provider,
            model: result.model,
            flags: RenderingStage.flags(
                (frames > 1 ? [PictureLetterer.firstOnly] : []) + result.flags,
                drawing.blocks,
            ),
        )
    }

    /// A drawing that another task has is used too; a new one stays in memory.
    private func drawable(_ picture: [UInt8]) -> PictureSource {
        PictureSource(
            contentHash: Digest.sha256(picture).hexadecimal,
            read: { picture },
            keep: { [kept] in kept.keep($0) },
            find: { [kept, objects] name in
                if let file = kept.find(name) { return file }
                return try await objects.drawing(name)
            },
        )
    }

    /// The file as the letterer takes it, and how many pictures or pages it has.
    private func readable(_ file: [UInt8]) async throws -> (picture: [UInt8], frames: Int) {
        let (limits, types) = (parts.settings.storedLimits, parts.settings.pictureTypes)
        return try await (PictureConversion.pool(for: file) ?? pool).run {
            let type = ImageFormat.mimeType(of: file)
            guard types.contains(type) else {
                let reason = "\(type) is not translated. Taken are \(types.joined(separator: ", "))."
                throw TranslationError.badFile(name: "", reason: reason, status: 415)
            }
            guard ImageFormat.convertible.contains(where: { $0.mimeType == type }) else {
                return (file, try limits.inspect(file).frames)
            }
            let frames = try PictureConversion.header(of: file, limits: limits).frames
            return (try PictureConversion.png(from: file, limits: limits), frames)
        }
    }

    /// Looks whether anybody translates between two languages, named as for ``translate(_:from:to:provider:options:patience:)``.
    ///
    /// - Throws: ``Kernel/Failure`` that names who could.
    @discardableResult
    package func checkReach(
        from source: String?,
        to target: String,
        _ provider: String?,
    ) throws -> (source: Language?, target: Language) {
        let language = try known(target)
        let from = try source.map(known)
        guard !desk.candidates(provider, from: from, to: language).isEmpty || from == language else {
            throw desk.unsupported(from: from, to: language)
        }
        try parts.letterer?.requireReading(of: from)
        return (from, language)
    }

    private func known(_ text: String) throws -> Language {
        if let language = Language(text) { return language }
        throw TranslationError.badField(name: "language", reason: "\(text) is no language that is known here.")
    }

    private func patiently<Value>(until deadline: Timestamp, _ work: () async throws -> Value) async throws -> Value {
        while true {
            do {
                return try await work()
            } catch let error as any Failure {
                guard let moment = error.postponedUntil, moment <= deadline else { throw error }
                try await parts.time.sleep(until: moment)
            }
        }
    }
}
