import Accounts
import Database
import HTTPClient
import HTTPServer
import Imaging
import Jobs
import Kernel
import ObjectStore
import SharedState
import Telemetry
import TestSupport

@testable import Images

/// The real service on a folder of its own: a database, local files, real pictures, and, unless told otherwise, a
/// worker.
final class House: Sendable {
    private let test: TestDatabase
    var database: any Database { test.database }
    let jobs: JobQueue
    let metrics = Metrics()
    let module: ImagesModule
    let objects: any ObjectStore
    let path: String
    let time: any TimeSource
    private let folder: TemporaryFolder
    private let issuer: TokenIssuer
    private let router: Router
    private let worker: Task<Void, any Error>?

    /// `permissionService` is the address of a service that knows permissions. `change` sets what the test needs; `wrap` puts something between the service and its files.
    init(
        backend: DatabaseBackend = .ofModules,
        time: any TimeSource = SystemTime(),
        hasWorker: Bool = true,
        maxWaitingJobs: Int = 10_000,
        permissionService: String? = nil,
        requireRoom: @escaping @Sendable () async throws -> Void = {},
        wrap: (LocalObjectStore) -> any ObjectStore = { $0 },
        change: (inout ImagesSettings) -> Void = { _ in },
    ) async throws {
        self.time = time
        folder = try TemporaryFolder()
        path = folder.path
        try Imaging.start()
        test = try await backend.make()
        let database = test.database
        try await migrate(database, jobMigrations + ImagesModule.migrations)
        objects = wrap(try LocalObjectStore.open(root: "\(path)/objects"))
        var queues = JobSettings()
        queues.queues[ImagesModule.queue] = QueueSettings(maxDepth: maxWaitingJobs, retryAfter: .seconds(10))
        jobs = JobQueue(database: database, time: time, log: .silent, metrics: metrics, settings: queues)
        var settings = ImagesSettings()
        change(&settings)
        let state = MemorySharedState(time: time)
        var service = PermissionSettings()
        service.url = permissionService
        let permissions = RemotePermissions(
            service,
            client: HTTPClient(),
            state: state,
            time: time,
            log: .silent,
            metrics: metrics,
            chance: { 0 },
        )
        module = ImagesModule(
            parts(
                of: database,
                jobs,
                metrics,
                objects,
                permissions,
                settings,
                requireRoom,
                folder.path,
                state,
                time,
            )
        )
        module.registerJobs()
        let secrets = TokenSecrets(accepted: [Secret("a-secret-for-tests-that-is-long-enough-0123456789")])
        guard let issuer = TokenIssuer(secrets: secrets, time: time) else { throw NoIssuer() }
        self.issuer = issuer
        let gatekeeper = Gatekeeper(
            tokens: TokenVerifier(secrets: secrets, time: time),
            keys: nil,
            localVisit: LocalVisit(isAllowed: false),
        )
        var router = Router(middleware: [Authenticator(gatekeeper)])
        router.errors(under: "/api/v1", imagesErrorStyle)
        module.addRoutes(to: &router)
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

    var service: ImagesService { module.service }

    func token(_ principal: Principal) -> String { issuer.issue(principal, lifetime: .seconds(3600)) }

    /// Answers a request as the server would.
    func send(
        _ method: HTTPServer.Method,
        _ target: String,
        by principal: Principal? = .alice,
        headers: Headers = [:],
        body: [UInt8] = [],
        peer: PeerAddress = .loopback,
    ) async throws -> Answer {
        var headers = headers
        if let principal { headers.setIfAbsent("Authorization", "Bearer \(token(principal))") }
        return try await send(Request(method, target, headers: headers, body: body, peer: peer))
    }

    func send(_ request: Request) async throws -> Answer {
        let response = await router.respond(to: request)
        return Answer(status: response.status, headers: response.headers, body: try await response.body.collect())
    }

    func get(_ target: String, by principal: Principal? = .alice, headers: Headers = [:]) async throws -> Answer {
        try await send(.get, target, by: principal, headers: headers)
    }

    func delete(_ target: String, by principal: Principal? = .alice) async throws -> Answer {
        try await send(.delete, target, by: principal)
    }

    /// Rows of a statement, for what no route tells.
    func rows(_ sql: SQL) async throws -> [Row] { try await database.query(sql) }
}

private struct NoIssuer: Error {}

private func parts(
    of database: any Database,
    _ jobs: JobQueue,
    _ metrics: Metrics,
    _ objects: any ObjectStore,
    _ permissions: RemotePermissions?,
    _ settings: ImagesSettings,
    _ requireRoom: @escaping @Sendable () async throws -> Void,
    _ folder: String,
    _ state: any SharedState,
    _ time: any TimeSource,
) -> ImagesModule.Parts {
    ImagesModule.Parts(
        database: database,
        facts: ServerFacts(
            serviceName: "image-processor",
            version: "1.0.0",
            startedAt: time.now,
            dataFolder: folder,
            databaseName: "sqlite",
            databaseBytes: { 4096 },
            storageName: "local",
            workers: 2,
        ),
        jobs: jobs,
        log: .silent,
        metrics: metrics,
        objects: objects,
        operatorOnly: OperatorsOnly(),
        permissions: permissions,
        pool: WorkPool(name: "pixels", width: 2, limit: 1000),
        publicURL: nil,
        requireRoom: requireRoom,
        settings: settings,
        signingSecret: Secret(Array("signs addresses".utf8)),
        spoolFolder: folder,
        state: state,
        time: time,
    )
}

/// Stands for the application's rule, which has tests of its own.
private struct OperatorsOnly: Middleware {
    func respond(to request: Request, next: Handler) async throws -> Response {
        guard request.principal?.may("image:admin") == true else { throw ImagesError.permissionDenied("image:admin") }
        return try await next(request)
    }
}

extension Principal {
    static let alice = Principal(subject: "alice", organization: "acme", groups: ["cats"])
    static let bob = Principal(subject: "bob", organization: "acme")
    static let root = Principal(subject: "root", organization: "acme", permissions: ["image:admin"])
}
