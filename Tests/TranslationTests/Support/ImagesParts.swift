import Database
import HTTPServer
import Images
import Jobs
import Kernel
import ObjectStore
import SharedState
import Telemetry

/// What the images service stands on in these tests.
func imagesParts(
    _ database: any Database,
    _ jobs: JobQueue,
    _ metrics: Metrics,
    _ objects: any ObjectStore,
    _ state: any SharedState,
    _ folder: String,
    _ time: any TimeSource,
) -> ImagesModule.Parts {
    ImagesModule.Parts(
        database: database,
        facts: ServerFacts(
            serviceName: "translation",
            version: "1",
            startedAt: time.now,
            dataFolder: folder,
            databaseName: "sqlite",
            databaseBytes: { 0 },
            storageName: "local",
            workers: 2,
        ),
        jobs: jobs,
        log: .silent,
        metrics: metrics,
        objects: objects,
        operatorOnly: Everyone(),
        pool: WorkPool(name: "pixels", width: 2, limit: 1000),
        publicURL: nil,
        requireRoom: {},
        settings: ImagesSettings(),
        signingSecret: Secret(Array("signs addresses".utf8)),
        spoolFolder: folder,
        state: state,
        time: time,
    )
}

/// Lets everyone through.
struct Everyone: Middleware {
    func respond(to request: Request, next: Handler) async throws -> Response { try await next(request) }
}
