import Accounts
import Database
import HTTPClient
import HTTPServer
import Images
import Imaging
import Jobs
import Kernel
import OCR
import ObjectStore
import SharedState
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Memes

/// The real service on a folder of its own. Reading is the one thing that a test says itself, because it takes seconds:
/// ``add(_:name:)`` makes a picture and says what stands on it.
final class MemeHouse: Sendable {
    private let test: TestDatabase
    private let folder: TemporaryFolder
    private let jobs: JobQueue
    private let router: Router
    private let worker: Task<Void, any Error>?
    private let spoken = Spoken()
    let images: ImagesModule
    let memes: MemesModule
    let metrics = Metrics()
    let objects: LocalObjectStore
    let time: any TimeSource

    var database: any Database { test.database }

    /// `change` sets what the test needs; `describer` says what pictures are about, `nil` when nobody does. `other` is
    /// another process on the same rows and files.
    init(
        backend: DatabaseBackend = .ofModules,
        of other: MemeHouse? = nil,
        time: any TimeSource = SystemTime(),
        state: (any SharedState)? = nil,
        describer: PictureDescriber? = nil,
        embedder: BagEmbedder? = nil,
        reranker: MemeReranker? = nil,
        hasReader: Bool = true,
        hasWorker: Bool = true,
        principal: Principal? = .writer,
        change: (inout MemesSettings) -> Void = { _ in },
    ) async throws {
        self.time = time
        folder = if let other { other.folder } else { try TemporaryFolder() }
        try Imaging.start()
        test = if let other { other.test } else { try await backend.make() }
        let (database, metrics) = (test.database, metrics)
        try await migrate(database, jobMigrations + ImagesModule.migrations + MemesModule.migrations)
        objects = try LocalObjectStore.open(root: "\(folder.path)/objects")
        jobs = JobQueue(database: database, time: time, log: .silent, metrics: metrics)
        let state = state ?? MemorySharedState(time: time)
        images = ImagesModule(imagesParts(database, jobs, metrics, objects, state, folder.path, time))
        images.registerJobs()
        var settings = MemesSettings()
        change(&settings)
        memes = MemesModule(
            MemesModule.Parts(
                client: HTTPClient(),
                database: database,
                describer: describer,
                embedder: embedder.map { MemeEmbedder($0, isMiniLM: true, patience: .seconds(60)) },
                images: images,
                jobs: jobs,
                log: .silent,
                metrics: metrics,
                publicURL: "http://memes.test",
                reader: hasReader ? spoken.reader : nil,
                reranker: reranker,
                settings: settings,
                state: state,
                time: time,
            )
        )
        memes.registerJobs()
        var router = Router(middleware: [Visitor(principal: principal)])
        images.addRoutes(to: &router)
        memes.addRoutes(to: &router)
        self.router = router
        worker = hasWorker ? Task { [jobs] in try await Worker(jobs).run() } : nil
        images.whenDeleted { [weak self] in try self?.memes.forget($0, in: $1) }
    }

    deinit {
        worker?.cancel()
        Task { [jobs, worker] in
            _ = await worker?.result
            jobs.close()
        }
    }

    /// Ends the process's work: its rows and files stay for another.
    func stop() async {
        worker?.cancel()
        _ = await worker?.result
    }

    /// Adds a picture that looks like no other, on which these words stand, and waits until the pipeline is through.
    @discardableResult
    func add(
        _ words: String,
        name: String = "a.png",
        library: String? = nil,
        encoding: Int = 0,
    ) async throws -> ID<Meme> {
        let picture = self.picture(words, encoding: encoding)
        var shelf: ID<MemeLibrary>?
        if let library { shelf = try await memes.library(named: library).id }
        let added = try await memes.add(picture, name: name, source: "test:\(name)/\(words)", library: shelf)
        try await finish([added.id])
        return added.id
    }

    /// A picture on which these words stand; each `encoding` has other bytes of the same pixels.
    func picture(_ words: String, encoding: Int = 0) -> [UInt8] {
        var scene = PNG.scene(words.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) % 100_003 })
        if encoding > 0 { scene.extra = [("tEXt", Array("Comment\0\(encoding)".utf8))] }
        let bytes = scene.bytes
        spoken.say(words, on: bytes)
        return bytes
    }

    /// Waits until the pipeline is through with memes, and brings the index up.
    func finish(_ ids: [ID<Meme>]) async throws {
        try await until { try await memes.countUnfinished(of: ids) == 0 }
        try await memes.readIndex()
    }

    /// Looks again whenever a change is announced; all the time on PostgreSQL, whose announcements may be missed.
    func until(_ isTrue: () async throws -> Bool) async throws {
        let changes = database.announcements(changeChannel)
        guard try await !isTrue() else { return }
        guard database.dialect == .sqlite else {
            while try await !isTrue() { await Task.yield() }
            return
        }
        for await _ in changes where try await isTrue() { return }
    }

    /// Answers a request as the server would.
    func send(
        _ method: HTTPServer.Method,
        _ target: String,
        _ body: JSON? = nil,
        headers: Headers = [:],
        peer: PeerAddress = .loopback,
    ) async throws -> Answer {
        var headers = headers
        if body != nil { headers["Content-Type"] = "application/json" }
        return try await send(method, target, bytes: body?.bytes ?? [], headers: headers, peer: peer)
    }

    /// The same with a body of any kind.
    func send(
        _ method: HTTPServer.Method,
        _ target: String,
        bytes: [UInt8],
        headers: Headers,
        peer: PeerAddress = .loopback,
    ) async throws -> Answer {
        var headers = headers
        headers.setIfAbsent("Host", "memes.test")
        let response = await router.respond(
            to: Request(method, target, headers: headers, body: bytes, peer: peer)
        )
        return Answer(status: response.status, headers: response.headers, body: try await response.body.collect())
    }

    func get(_ target: String, headers: Headers = [:]) async throws -> Answer {
        try await send(.get, target, headers: headers)
    }

    /// The ids that a search finds.
    func found(_ text: String, count: Int = 5) async throws -> [String] {
        try await memes.search(MemeQuery(text, count: count, cutsOff: false)).hits.map(\.id)
    }
}

/// What a client gets.
struct Answer: Sendable {
    let status: Int
    let headers: Headers
    let body: [UInt8]

    var json: JSON { (try? JSON(parsing: body)) ?? .null }
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// What stands on the pictures of a test.
private final class Spoken: Sendable {
    private let texts = Mutex<[String: String]>([:])

    func say(_ words: String, on picture: [UInt8]) {
        texts.withLock { $0[Digest.sha256(picture).hexadecimal] = words }
    }

    /// Words of 10 x 10 pixels in one row.
    var reader: PictureReader {
        PictureReader(version: "spoken") { [self] picture in
            let text = texts.withLock { $0[Digest.sha256(picture).hexadecimal] } ?? ""
            let words = text.split(separator: " ").enumerated().map { place, word in
                let box = WordBox(x: 10 * place, y: 0, width: 10, height: 10)
                return RecognizedWord(text: String(word), box: box, confidence: 90, line: 0, pass: "spoken")
            }
            return Recognition(words: words, width: 160, height: 120)
        }
    }
}

/// Stands for whoever signed in.
private struct Visitor: Middleware {
    let principal: Principal?

    func respond(to request: Request, next: Handler) async throws -> Response {
        var request = request
        request.principal = principal
        return try await next(request)
    }
}

extension Principal {
    static let writer = Principal(subject: "writer", permissions: ["memes:write"])
    static let reader = Principal(subject: "reader")
    static let administrator = Principal(subject: "administrator", permissions: ["image:admin"])
}
