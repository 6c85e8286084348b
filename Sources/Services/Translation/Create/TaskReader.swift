import FoundationEssentials
import HTTPServer
import Images
import Kernel

/// Reads requests for tasks: forms as the original took them, and JSON with pictures in base64 or at addresses.
struct TaskReader: Sendable {
    let fetcher: PictureFetcher
    let images: ImagesModule
    let settings: TranslationSettings
    /// Spooled files are read here, off the event loop.
    let pool: WorkPool

    func read(_ request: Request) async throws -> TaskRequest {
        let type = request.headers["Content-Type"]?.lowercased() ?? ""
        return type.hasPrefix("application/json") ? try await readJSON(request) : try await readForm(request)
    }

    // MARK: A form

    private func readForm(_ request: Request) async throws -> TaskRequest {
        let form: MultipartForm
        do {
            // One file too many is counted here, so that the answer says it.
            let parts = settings.maxImages + 16
            form = try await images.form(request, maxFileBytes: settings.maxFileBytes, maxParts: parts)
        } catch let error as HTTPError where error.status == 413 {
            throw TranslationError.fileTooLarge(limitBytes: settings.maxFileBytes)
        }
        let files = form.files("files") + form.files("file")
        try check(files.map(\.size))
        let pictures = files.map { file in
            TaskRequest.Picture(name: file.filename.isEmpty ? "picture" : file.filename) { [pool] in
                try await pool.run { try file.bytes() }
            }
        }
        let fields = Dictionary(form.fields.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        return try TaskRequest(pictures, fields)
    }

    private func check(_ sizes: [Int]) throws {
        guard !sizes.isEmpty else { throw TranslationError.noFiles }
        guard sizes.count <= settings.maxImages else { throw TranslationError.tooManyFiles(limit: settings.maxImages) }
        guard sizes.allSatisfy({ $0 <= settings.maxFileBytes }) else {
            throw TranslationError.fileTooLarge(limitBytes: settings.maxFileBytes)
        }
        guard sizes.reduce(0, +) <= settings.maxTotalBytes else {
            throw TranslationError.totalTooLarge(limitBytes: settings.maxTotalBytes)
        }
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
        var pictures: [TaskRequest.Picture] = []
        var total = 0
        // An order that cannot be carried out fetches nothing.
        var task = try TaskRequest([], fields)
        for (index, item) in items.enumerated() {
            let (name, bytes) = try await picture(item, index)
            total += bytes.count
            guard bytes.count <= settings.maxFileBytes else {
                throw TranslationError.fileTooLarge(limitBytes: settings.maxFileBytes)
            }
            guard total <= settings.maxTotalBytes else {
                throw TranslationError.totalTooLarge(limitBytes: settings.maxTotalBytes)
            }
            pictures.append(TaskRequest.Picture(name: name) { bytes })
        }
        task.pictures = pictures
        return task
    }

    private static func text(_ value: JSON) -> String { value.string ?? value.text }

    private func picture(_ item: JSON, _ index: Int) async throws -> (name: String, bytes: [UInt8]) {
        let name = item["name"]?.string ?? "picture-\(index)"
        if let address = item["url"]?.string { return (name, try await fetcher.fetch(address)) }
        guard let text = item["data"]?.string ?? item.string, let bytes = Self.decoded(text) else {
            throw TranslationError.badField(
                name: "images[\(index)]",
                reason: "Send base64 as \"data\", or an address as \"url\".",
            )
        }
        return (name, bytes)
    }

    /// Base64, alone or in a data URI.
    private static func decoded(_ text: String) -> [UInt8]? {
        let start = text.hasPrefix("data:") ? text.firstIndex(of: ",").map(text.index(after:)) : text.startIndex
        guard let start else { return nil }
        return Data(base64Encoded: String(text[start...])).map { Array($0) }
    }
}
