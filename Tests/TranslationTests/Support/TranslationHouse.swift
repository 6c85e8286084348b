import Accounts
import Database
import FoundationEssentials
import HTTPClient
import HTTPServer
import Images
import Imaging
import Jobs
import Kernel
import MachineTranslation
import ModelGateway
import ObjectStore
import SharedState
import Telemetry
import TestSupport

@testable import Translation

/// The real service on a folder of its own. What stands on a picture is said by the test, because reading takes seconds,
/// and drawing writes the words into a text that the test can read.
final class TranslationHouse: Sendable {
    private let test: TestDatabase
    private let folder: TemporaryFolder
    private let router: Router
    private let worker: Task<Void, any Error>?
    let spoken = Spoken()
    let images: ImagesModule
    let jobs: JobQueue
    let metrics = Metrics()
    let objects: LocalObjectStore
    let state: any SharedState
    let translation: TranslationModule
    let time: any TimeSource

    var database: any Database { test.database }

    /// `change` sets what the test needs; `letterer` reads and draws instead of the test's own words; `models` are what health
    /// and figures tell of.
    init(
        backend: DatabaseBackend = .ofModules,
        time: any TimeSource = SystemTime(),
        providers: [any TranslationProvider]? = nil,
        letterer: PictureLetterer? = nil,
        models: ModelGateway? = nil,
        state: (any SharedState)? = nil,
        hasWorker: Bool = true,
        principal: Principal? = Principal(subject: "asker"),
        networks: [String] = [],
        change: (inout TranslationSettings) -> Void = { _ in },
    ) async throws {
        self.time = time
        folder = try TemporaryFolder()
        try Imaging.start()
        test = try await backend.make()
        let (database, metrics) = (test.database, metrics)
        try await migrate(database, jobMigrations + ImagesModule.migrations + TranslationModule.migrations)
        objects = try LocalObjectStore.open(root: "\(folder.path)/objects")
        self.state = state ?? MemorySharedState(time: time)
        let state = self.state
        var waiting = JobSettings()
        waiting.queues[TranslationModule.translateQueue] = QueueSettings(concurrency: 16)
        waiting.queues[TranslationModule.readQueue] = QueueSettings(concurrency: 4)
        jobs = JobQueue(database: database, time: time, log: .silent, metrics: metrics, settings: waiting)
        images = ImagesModule(imagesParts(database, jobs, metrics, objects, state, folder.path, time))
        images.registerJobs()
        var settings = TranslationSettings()
        change(&settings)
        var reach = HTTPClientSettings()
        reach.destinations = .publicOnly(allowing: networks.compactMap(IPNetwork.init))
        translation = TranslationModule(
            TranslationModule.Parts(
                database: database,
                fetcher: HTTPClient(reach),
                images: images,
                instance: "instance-test",
                jobs: jobs,
                lanes: 2,
                letterer: letterer ?? spoken.letterer,
                log: .silent,
                machine: ApertiumTranslator(modes: "/nowhere"),
                metrics: metrics,
                models: models,
                objects: objects,
                operatorOnly: Everyone(),
                providers: providers ?? [WordList()],
                publicURL: nil,
                settings: settings,
                signingSecret: Secret(Array("signs webhooks".utf8)),
                state: state,
                time: time,
            )
        )
        translation.registerJobs()
        var router = Router(middleware: [Visitor(principal: principal)])
        translation.addRoutes(to: &router)
        self.router = router
        let jobs = jobs
        worker = hasWorker ? Task { try await Worker(jobs).run() } : nil
    }

    deinit {
        worker?.cancel()
        Task { [jobs, worker] in
            _ = await worker?.result
            jobs.close()
        }
    }

    // MARK: Asking

    /// A picture on which these words stand, a line for each block.
    func picture(_ words: String) -> [UInt8] {
        let bytes = Self.scene(words)
        spoken.say(words, on: bytes)
        return bytes
    }

    /// Another one for other words.
    static func scene(_ words: String) -> [UInt8] {
        PNG.scene(words.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) % 100_003 }).bytes
    }

    /// A picture of Imaging's tests.
    func fixture(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: "\(repositoryRoot)/Tests/ImagingTests/Fixtures/\(name)")))
    }

    /// Answers a request as the server would.
    func send(
        _ method: HTTPServer.Method,
        _ target: String,
        _ body: JSON? = nil,
        headers: Headers = [:],
    ) async throws
        -> Answer
    {
        var headers = headers
        if body != nil { headers["Content-Type"] = "application/json" }
        return try await send(method, target, headers, body?.bytes ?? [])
    }

    func send(
        _ method: HTTPServer.Method,
        _ target: String,
        _ headers: Headers,
        _ body: [UInt8],
    ) async throws
        -> Answer
    {
        var headers = headers
        headers.setIfAbsent("Host", "translation.test")
        let response = await router.respond(to: Request(method, target, headers: headers, body: body))
        return Answer(status: response.status, headers: response.headers, body: try await response.body.collect())
    }

    func get(_ target: String, headers: Headers = [:]) async throws -> Answer {
        try await send(.get, target, headers: headers)
    }

    /// Sends a form as curl does.
    func translate(
        _ files: [(name: String, bytes: [UInt8])],
        _ fields: [(String, String)] = [("target_language", "Spanish")],
        field: String = "files",
        headers: Headers = [:],
    ) async throws -> Answer {
        var body: [UInt8] = []
        for (name, value) in fields {
            body += Array("--edge\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
        }
        for file in files {
            let head = "--edge\r\nContent-Disposition: form-data; name=\"\(field)\"; filename=\"\(file.name)\"\r\n"
            body += Array((head + "Content-Type: application/octet-stream\r\n\r\n").utf8) + file.bytes + [13, 10]
        }
        body += Array("--edge--\r\n".utf8)
        var headers = headers
        headers["Content-Type"] = "multipart/form-data; boundary=edge"
        return try await send(.post, "/api/v1/translate", headers, body)
    }

    /// Starts a task and gives its address.
    func begin(
        _ words: [String],
        _ fields: [(String, String)] = [("target_language", "Spanish")],
    ) async throws -> String {
        let files = words.enumerated().map { (name: "\($0.offset).png", bytes: picture($0.element)) }
        let answer = try await translate(files, fields)
        guard answer.status == 200, let id = answer.json["task_id"]?.string else { throw Refused(answer: answer) }
        return "/api/v1/translate/result/\(id)"
    }

    /// Polls as a client with a cursor does, until the task is finished.
    func finished(_ address: String) async throws -> JSON {
        var seq: Int64 = 0
        while true {
            let answer = try await get("\(address)?since=\(seq)")
            guard answer.status == 200 else { throw Refused(answer: answer) }
            if answer.json["success"] != .null { return answer.json }
            seq = answer.json["seq"]?.integer ?? 0
        }
    }
}

/// A request that was expected to succeed did not.
struct Refused: Error {
    let answer: Answer
}

/// What a client gets.
struct Answer: Sendable {
    let status: Int
    let headers: Headers
    let body: [UInt8]

    var json: JSON { (try? JSON(parsing: body)) ?? .null }
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// Stands for whoever signed in; a test may say who.
private struct Visitor: Middleware {
    let principal: Principal?

    func respond(to request: Request, next: Handler) async throws -> Response {
        var request = request
        request.principal = request.headers["X-Visitor"].map { Principal(subject: $0) } ?? principal
        return try await next(request)
    }
}
