import Accounts
import HTTPServer
import Kernel
import Synchronization
import TestSupport

@testable import Memes

/// A bucket that answers as a test says: listings of any length at once, without any bytes being stored.
final class FakeBucket: Sendable {
    struct Object: Sendable {
        let key: String
        var bytes: [UInt8]?
        var size: Int { bytes?.count ?? 1000 }
    }

    /// What happens to a request before it is answered.
    enum Fault: Sendable {
        /// A page of status 200 that ends in the middle.
        case brokenPage
        case status(Int, code: String)
        /// Waits until the gate opens or the client goes.
        case hang(Gate)
    }

    /// The queries of all listings so far.
    let listings = Recorder<String>()
    /// The keys of all objects that were asked for.
    let fetches = Recorder<String>()
    private let faults = Mutex<[(isListing: Bool, fault: Fault)]>([])
    private let objects: Box<[Object]>
    private let server: LocalServer

    init(_ objects: [Object]) throws {
        let (listings, fetches) = (listings, fetches)
        let sorted = Box(objects.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
        let next = Box<@Sendable (Bool) -> Fault?> { _ in nil }
        self.objects = sorted
        server = try LocalServer { router in
            router.get("/memes/") { request in
                listings.add(request.target)
                return try await Self.answer(next.value(true)) { list(sorted.value, request.query) }
            }
            router.get("/memes/{key...}") { request in
                let key = request.parameters["key"] ?? ""
                fetches.add(key)
                return try await Self.answer(next.value(false)) {
                    guard let bytes = sorted.value.first(where: { $0.key == key })?.bytes else {
                        return refusal(404, "NoSuchKey")
                    }
                    return .bytes(bytes, contentType: "application/octet-stream")
                }
            }
        }
        next.value = { [weak self] in self?.takeFault(isListing: $0) }
    }

    /// Lets the next listings or fetches go wrong, one for each fault.
    func fail(listing: [Fault] = [], fetching: [Fault] = []) {
        faults.withLock { $0 += listing.map { (true, $0) } + fetching.map { (false, $0) } }
    }

    /// Puts objects in place of those there were.
    func replace(_ objects: [Object]) {
        self.objects.value = objects.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    /// A house that may pull from it, with `change` for more settings.
    func house(
        _ principal: Principal? = .puller,
        backend: DatabaseBackend = .ofModules,
        time: any TimeSource = SystemTime(),
        describer: PictureDescriber? = nil,
    ) async throws -> MemeHouse {
        var profile = PullSettings.Profile()
        profile.endpoint = server.url
        (profile.accessKey, profile.secretKey) = (Secret("key"), Secret("secret"))
        profile.buckets = ["memes"]
        let pull = profile
        return try await MemeHouse(backend: backend, time: time, describer: describer, principal: principal) {
            settings in
            settings.pull.profiles = ["default": pull, "empty": PullSettings.Profile()]
        }
    }

    private func takeFault(isListing: Bool) -> Fault? {
        faults.withLock { faults in
            faults.firstIndex { $0.isListing == isListing }.map { faults.remove(at: $0).fault }
        }
    }

    private static func answer(_ fault: Fault?, _ usual: () -> Response) async throws -> Response {
        switch fault {
        case nil: return usual()
        case .status(let status, let code)?: return refusal(status, code)
        case .brokenPage?:
            guard case .bytes(let bytes) = usual().body else { return usual() }
            return .bytes(Array(bytes.prefix(bytes.count / 2)), contentType: "application/xml")
        case .hang(let gate)?:
            await gate.pass()
            return usual()
        }
    }
}

private func refusal(_ status: Int, _ code: String) -> Response {
    .bytes(Array("<Error><Code>\(code)</Code></Error>".utf8), contentType: "application/xml", status: status)
}

/// ListObjectsV2 as Amazon documents it; a token is refused, as one that has ended would be.
private func list(_ objects: [FakeBucket.Object], _ query: Query) -> Response {
    guard query["continuation-token"] == nil else { return refusal(400, "InvalidToken") }
    let (prefix, after) = (query["prefix"] ?? "", query["start-after"] ?? "")
    let limit = min(query["max-keys"].flatMap { Int($0) } ?? 1000, 1000)
    let rest = objects.filter { $0.key.hasPrefix(prefix) && after.utf8.lexicographicallyPrecedes($0.key.utf8) }
    let isTruncated = rest.count > limit
    var xml = "<?xml version=\"1.0\"?>\n<ListBucketResult><IsTruncated>\(isTruncated)</IsTruncated>"
    if isTruncated { xml += "<NextContinuationToken>ends-soon</NextContinuationToken>" }
    for object in rest.prefix(limit) {
        xml += "<Contents><Key>\(object.key)</Key><Size>\(object.size)</Size><ETag>&quot;e\(object.size)&quot;</ETag>"
        xml += "<LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents>"
    }
    return .bytes(Array((xml + "</ListBucketResult>").utf8), contentType: "application/xml")
}

extension Principal {
    static let puller = Principal(subject: "puller", permissions: ["pull"])
}
