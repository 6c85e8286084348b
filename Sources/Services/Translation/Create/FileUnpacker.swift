import Archives
import HTTPServer
import Imaging
import Kernel
import Telemetry

/// The pictures that a file brings: itself, all in a ZIP or CBZ archive, or the pages of a PDF.
package struct FileUnpacker: Sendable {
    /// What came in the files.
    package struct Content: Sendable {
        package var pictures: [TaskRequest.Picture] = []
        package var skipped: [SkippedFile] = []
    }

    let log: Log
    let settings: TranslationSettings
    /// Reads and unpacks.
    let pool: WorkPool
    /// Counts pages: a request waits for that, and not for documents that are drawn meanwhile.
    let counters: WorkPool

    /// Counting pages reads a table of the document.
    private static let countingTime = Duration.seconds(10)

    /// Whether a file that begins so is opened, and may be as large as all pictures together.
    package static func isContainer(_ beginning: [UInt8]) -> Bool {
        isArchive(beginning) || ImageFormat(firstBytes: beginning) == .pdf
    }

    /// Looks into a file. A picture's bytes are read only when its turn comes.
    ///
    /// - Throws: ``TranslationError``: 400 for what cannot be opened or holds no picture, 413 for too much of it.
    package func content(of file: UploadedFile) async throws -> Content {
        let name = file.filename.isEmpty ? "picture" : file.filename
        let beginning = try await pool.run { try file.beginning() }
        guard Self.isContainer(beginning) else {
            try check(file, settings.maxFileBytes)
            return Content(pictures: [picture(name, file.size, in: pool) { try file.bytes() }])
        }
        try check(file, settings.maxTotalBytes)
        if ImageFormat(firstBytes: beginning) == .pdf {
            return try await counters.run { [self] in try pages(of: file, name) }
        }
        do {
            return try await pool.run { [self] in try entries(of: file, name) }
        } catch let error as ArchiveError {
            throw refusal(name, error)
        }
    }

    private func check(_ file: UploadedFile, _ limit: Int) throws {
        guard file.size <= limit else { throw TranslationError.fileTooLarge(limitBytes: limit) }
    }

    private func picture(
        _ name: String,
        _ size: Int,
        in pool: WorkPool,
        _ read: @escaping @Sendable () throws -> [UInt8],
    ) -> TaskRequest.Picture {
        TaskRequest.Picture(name: name, size: size) { try await pool.run(read) }
    }

    /// What is to be said of a file that is to blame; other errors stay what they are.
    private func refusal(_ name: String, _ error: any Failure) -> any Failure {
        guard [413, 415, 422].contains(error.status) else { return error }
        let status = error.status == 413 ? 413 : 400
        return TranslationError.badFile(name: name, reason: error.message, status: status)
    }

    // MARK: Pages

    private func pages(of file: UploadedFile, _ name: String) throws -> Content {
        let stem = name.lowercased().hasSuffix(".pdf") ? String(name.dropLast(4)) : name
        let count = try countPages(of: file, name)
        // Before anything is made for each of them: a short file may claim millions.
        guard count <= settings.maxImages else { throw TranslationError.tooManyFiles(limit: settings.maxImages) }
        let document = PDFDocument(limits: settings.limits) { try file.bytes() }
        let sent = TaskRequest.Document(id: ID(), size: file.size) { [pool] in try await pool.run { try file.bytes() } }
        let pictures = (0..<count).map { page in
            var picture = picture("\(stem)-\(page + 1).png", 0, in: PictureConversion.outsidePool) { [self] in
                do throws(ImagingError) { return try document.png(ofPage: page) } catch {
                    throw refusal("\(name), page \(page + 1)", error)
                }
            }
            picture.page = TaskRequest.Page(document: sent, number: page)
            return picture
        }
        return Content(pictures: pictures)
    }

    private func countPages(of file: UploadedFile, _ name: String) throws -> Int {
        let document = PDFDocument(limits: settings.limits, timeLimit: Self.countingTime) { try file.bytes() }
        do throws(ImagingError) { return try document.countPages() } catch {
            guard error.code == ImagingError.corrupt.code else { throw refusal(name, error) }
            log.info("document refused", ["error": "\(error)"])
            let reason = "The document is damaged, or opens only with a password."
            throw TranslationError.badFile(name: name, reason: reason, status: 400)
        }
    }

    // MARK: Archives

    private func entries(of file: UploadedFile, _ name: String) throws -> Content {
        var content = Content()
        var sizes: [String: Int] = [:]
        let reader = try open(file)
        while let entry = try reader.next() {
            guard !isClutter(entry.name) else { continue }
            if let reason = reasonToSkip(try reader.beginning()) {
                content.skipped.append(SkippedFile(name: entry.name, reason: reason))
            } else if entry.size > settings.maxFileBytes {
                throw ArchiveError.entryTooLarge(name: entry.name, limitBytes: settings.maxFileBytes)
            } else {
                sizes[entry.name] = entry.size
            }
        }
        guard !sizes.isEmpty else {
            throw TranslationError.badFile(name: name, reason: "There is no picture in the archive.", status: 400)
        }
        content.pictures = sizes.keys.inNaturalOrder().map { entry in
            let size = sizes[entry] ?? 0
            return picture(entry, size, in: pool) { [self] in
                do { return try self.entry(entry, size, of: file) } catch let error as ArchiveError {
                    throw refusal(name, error)
                }
            }
        }
        return content
    }

    /// One that unpacks to more than it says is refused, so that the sum of what they say holds.
    private func entry(_ name: String, _ size: Int, of file: UploadedFile) throws -> [UInt8] {
        let reader = try open(file)
        while let entry = try reader.next(), entry.name != name {}
        return try reader.contents(limit: size)
    }

    private func open(_ file: UploadedFile) throws(ArchiveError) -> ZIPReader {
        var limits = ArchiveLimits()
        limits.entries = 10 * settings.maxImages + 100
        // What is no picture is left out, however large it is.
        limits.entryBytes = .max
        limits.totalBytes = settings.maxTotalBytes
        switch file.storage {
        case .memory(let bytes): return try ZIPReader(bytes: bytes, limits: limits)
        case .file(let path): return try ZIPReader(path: path, limits: limits)
        }
    }

    private func reasonToSkip(_ beginning: [UInt8]) -> String? {
        if let format = ImageFormat(firstBytes: beginning), settings.pictureTypes.contains(format.mimeType) {
            return nil
        }
        if isArchive(beginning) { return "An archive within an archive is not opened. Send it by itself." }
        if ImageFormat(firstBytes: beginning) == .pdf {
            return "A document in an archive is not opened. Send it by itself."
        }
        return "It is no picture of a kind that is translated."
    }
}
