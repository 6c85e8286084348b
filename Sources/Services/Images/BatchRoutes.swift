import Accounts
import HTTPServer
import Kernel

/// Many pictures in one request.
struct BatchRoutes: Sendable {
    let service: ImagesService
    private let limit = 50

    init(service: ImagesService) { self.service = service }

    /// `GET /api/v1/images/batch?image_ids=a,b,c&size=`
    func get(_ request: Request) async throws -> Response {
        let ids = try request.query("image_ids", as: String.self) ?? ""
        return try await answer(ids.split(separator: ",").map { $0.trimmed }, request)
    }

    /// `POST /api/v1/images/batch` with `{"image_ids": […]}`, for lists too long for an address.
    func post(_ request: Request) async throws -> Response {
        let bytes = try await request.body.collect(upTo: 65_536)
        let members = (try? JSON(parsing: bytes))?["image_ids"]?.array
        guard let members, case let ids = members.compactMap(\.string), ids.count == members.count else {
            throw ImagesError.badField(name: "image_ids", reason: "Send a JSON object with a list of image ids.")
        }
        return try await answer(ids, request)
    }

    /// Keeps the order asked for; what is absent or not for this reader is listed as missing.
    private func answer(_ ids: [String], _ request: Request) async throws -> Response {
        guard !ids.isEmpty else {
            throw ImagesError.badField(name: "image_ids", reason: "Name at least one image.")
        }
        guard ids.count <= limit else { throw ImagesError.batchTooLarge(count: ids.count, limit: limit) }
        let size = try request.imageSize(service.settings)
        let found = try await service.store.completed(ids.compactMap { ID<ImageRecord>($0) })
        var visible: [String: (ImageRecord, StoredVariant)] = [:]
        for (image, variants) in found {
            guard let variant = variants.first(where: { $0.name == size }),
                try await service.access.mayRead(image, request.principal)
            else { continue }
            visible[image.id.description] = (image, variant)
        }
        let images = ids.compactMap { visible[$0.lowercased()] }
        let missing = ids.filter { visible[$0.lowercased()] == nil }
        return .json(service.wire.batch(images, requested: ids.count, missing: missing))
    }
}

extension Substring {
    /// Without spaces around it.
    fileprivate var trimmed: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
