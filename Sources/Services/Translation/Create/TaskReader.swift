import FoundationEssentials
import HTTPServer
import Images
import Kernel

/// Reads requests for tasks: forms as the original took them, and JSON with pictures in base64 or at addresses.
struct TaskReader: Sendable {
    let fetcher: PictureFetcher
    let images: ImagesModule
    let unpacker: FileUnpacker

    private var settings: TranslationSettings { unpacker.settings }

    func read(_ request: Request) async throws -> TaskRequest {
        let type = request.headers["Content-Type"]?.lowercased() ?? ""
        return type.hasPrefix("application/json") ? try await readJSON(request) : try await readForm(request)
    }

    // MARK: A form

    private func readForm(_ request: Request) async throws -> TaskRequest {
        let form: MultipartForm
        do {
            // One file too many is counted here, so that the answer says it. An archive is as long as all it holds.
            let parts = settings.maxImages + 16
            form = try await images.form(request, maxFileBytes: settings.maxTotalBytes, maxParts: parts)
        } catch let error as HTTPError where error.status == 413 {
            throw TranslationError.totalTooLarge(limitBytes: settings.maxTotalBytes)
        }
        let files = form.files("files") + form.files("file")
        guard !files.isEmpty else { throw TranslationError.noFiles }
        guard files.count <= settings.maxImages else { throw TranslationError.tooManyFiles(limit: settings.maxImages) }
        let fields = Dictionary(form.fields.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        var task = try TaskRequest([], fields)
        try await take(files, into: &task)
        return task
    }

    /// The pictures that files bring.
    ///
    /// - Throws: ``TranslationError`` when they are too many or too large.
    private func take(_ files: [UploadedFile], into task: inout TaskRequest) async throws {
        let limit = settings.maxTotalBytes
        guard files.reduce(0, { $0 + $1.size }) <= limit else {
            throw TranslationError.totalTooLarge(limitBytes: limit)
        }
        for file in files {
            let content = try await unpacker.content(of: file)
            task.pictures += content.pictures
            task.skipped += content.skipped
            guard task.pictures.count <= settings.maxImages else {
                throw TranslationError.tooManyFiles(limit: settings.maxImages)
            }
        }
        let unpacked = task.pictures.reduce(0) { $0 + $1.size }
        guard unpacked <= limit else { throw TranslationError.totalTooLarge(limitBytes: limit) }
    }

    // MARK: JSON

    private func readJSON(_ request: Request) async throws -> TaskRequest {
        let bytes = try await request.body.collect(upTo: .max)
        guard case .object(let members)? = try? JSON(parsing: bytes) else {
            throw TranslationError.badField(name: "body", reason: "Send a JSON object.")
        }
        let fields = Dictionary(
            members.map { ($0.key, Self.text($0.value)) },
            uniquingKeysWith: { first, _ in first },
        )
        let items = JSON.object(members)["images"]?.array ?? []
        guard !items.isEmpty else { throw TranslationError.noFiles }
        guard items.count <= settings.maxImages else { throw TranslationError.tooManyFiles(limit: settings.maxImages) }
        // An order that cannot be carried out fetches nothing.
        var task = try TaskRequest([], fields)
        var files: [UploadedFile] = []
        var total = 0
        for (index, item) in items.enumerated() {
            let file = try await file(item, index)
            total += file.size
            guard total <= settings.maxTotalBytes else {
                throw TranslationError.totalTooLarge(limitBytes: settings.maxTotalBytes)
            }
            files.append(file)
        }
        try await take(files, into: &task)
        return task
    }

    private static func text(_ value: JSON) -> String { value.string ?? value.text }

    private func file(_ item: JSON, _ index: Int) async throws -> UploadedFile {
        let name = item["name"]?.string ?? "picture-\(index)"
        if let address = item["url"]?.string {
            return UploadedFile(filename: name, bytes: try await fetcher.fetch(address))
        }
        guard let text = item["data"]?.string ?? item.string, let bytes = Self.decoded(text) else {
            throw TranslationError.badField(
                name: "images[\(index)]",
                reason: "Send base64 as \"data\", or an address as \"url\".",
            )
        }
        return UploadedFile(filename: name, bytes: bytes)
    }

    /// Base64, alone or in a data URI.
    private static func decoded(_ text: String) -> [UInt8]? {
        let start = text.hasPrefix("data:") ? text.firstIndex(of: ",").map(text.index(after:)) : text.startIndex
        guard let start else { return nil }
        return Data(base64Encoded: String(text[start...])).map { Array($0) }
    }
}
