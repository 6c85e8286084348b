import HTTPClient
import Kernel
import Memes

/// A pack on another server: a manifest and a folder with the files that it names. Collectors of memes publish them so,
/// and lists of them as `community_manifest.json`.
struct RemotePack: Sendable {
    /// Of the manifest.
    let address: String
    /// `nil` until it is asked for.
    private let known: [UInt8]?
    private let folder: String
    private let downloads: Downloads

    static func isAddress(_ text: String) -> Bool { text.hasPrefix("https://") || text.hasPrefix("http://") }

    /// The pack whose manifest is there, or all packs of the list that is there.
    ///
    /// - Throws: ``CommandFailure`` or an `HTTPClientError` when one of them cannot be had.
    static func packs(at address: String) async throws -> [RemotePack] {
        let downloads = Downloads(home: address)
        let manifest = try await downloads.manifest(address)
        guard case .object(let libraries) = (try? JSON(parsing: manifest))?["meme_libs"] else {
            return [RemotePack(address: address, known: manifest, folder: parent(address), downloads: downloads)]
        }
        return try libraries.map { name, library in
            guard let update = library["update_url"]?.string, isAddress(update) else {
                throw CommandFailure("\(address): '\(name.prefix(100))' has no update_url")
            }
            let folder = library["url"]?.string ?? parent(update)
            return RemotePack(address: update, known: nil, folder: folder, downloads: downloads)
        }
    }

    func manifest() async throws -> [UInt8] {
        if let known { return known }
        return try await downloads.manifest(address)
    }

    /// Reads a file that the manifest names.
    func read(_ name: String, limit: Int) async throws -> MemesModule.PackFile {
        do {
            let file = "\(folder)/\(percentEncoded(name, keepingSlashes: true))"
            let response = try await downloads.get(file, limit: limit)
            switch response.status {
            case 200: return .bytes(response.body)
            case 404, 410: return .missing
            default: throw CommandFailure("\(file) answers \(response.status); the same command goes on from here")
            }
        } catch HTTPClientError.tooLarge {
            return .tooLarge
        }
    }

    private static func parent(_ address: String) -> String {
        address.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }
}

/// Strangers write the addresses in lists: those lead to the server that the list is from, or to public ones, and so do
/// the redirects of that server.
private struct Downloads: Sendable {
    private let home: String
    private let near = HTTPClient()
    private let far: HTTPClient

    init(home: String) {
        self.home = Self.origin(home)
        var settings = HTTPClientSettings()
        settings.destinations = .publicOnly
        far = HTTPClient(settings)
    }

    func manifest(_ address: String) async throws -> [UInt8] {
        let response = try await get(address, limit: 64 << 20)
        guard response.status == 200 else { throw CommandFailure("\(address) answers \(response.status)") }
        return response.body
    }

    func get(_ address: String, limit: Int) async throws(HTTPClientError) -> HTTPResponse {
        var address = address
        for _ in 0..<3 {
            let response = try await send(address, limit: limit)
            guard [301, 302, 303, 307, 308].contains(response.status), let next = response.headers["Location"] else {
                return response
            }
            address = next.hasPrefix("/") ? Self.origin(address) + next : next
        }
        throw .tooManyRedirects
    }

    private func send(_ address: String, limit: Int) async throws(HTTPClientError) -> HTTPResponse {
        // Names in other scripts stand unescaped in these lists.
        let escaped = address.unicodeScalars.map { $0.isASCII ? String($0) : percentEncoded(String($0)) }.joined()
        let retry = HTTPRetry(attempts: 5, base: .seconds(1))
        let request = HTTPRequest(.get, escaped, retry: retry, maxResponseBytes: limit)
        return try await (Self.origin(address) == home ? near : far).send(request)
    }

    /// Scheme, host and port.
    private static func origin(_ address: String) -> String {
        address.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
    }
}
