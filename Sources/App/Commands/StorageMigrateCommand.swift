import Configuration
import HTTPClient
import Kernel
import ObjectStore

/// `pictor storage migrate`
struct StorageMigrateCommand: Command {
    static let name = "storage migrate"
    static let summary = "Copy all pictures between the data directory and a bucket, and compare them"
    static let usage = "[OPTION]… --from STORE --to STORE"
    static let options =
        commonOptions + [
            .option("--from", "STORE", "local or s3."),
            .option("--to", "STORE", "s3 or local."),
            .flag("--prune", "Then remove from the second store what the first does not have."),
            .flag("--json", "Print the result as JSON."),
        ]
    static let examples = [
        "pictor storage migrate --from local --to s3 --data /srv/pictor",
        "pictor storage migrate --from s3 --to local --data /backup/pictures",
    ]
    static let details = """
        The bucket is that of storage.s3.… (AWS_S3_BUCKET_NAME and so on), whatever storage.backend says. What is there
        with the same bytes is passed over, so it may be stopped, run again, and run beside the server: once to move the
        bulk, once more with --prune after the server has stopped, for what was deleted in between; then set
        STORAGE_BACKEND and start. Keys stay the same, so every address goes on working. --prune removes whatever else
        lies there: give Pictor a bucket, or a storage.s3.prefix, of its own.
        """

    private let arguments: Arguments
    private let isToBucket: Bool

    init(_ arguments: Arguments) throws {
        try arguments.requireNoWords()
        self.arguments = arguments
        switch (arguments.value("--from"), arguments.value("--to")) {
        case ("local", "s3"): isToBucket = true
        case ("s3", "local"): isToBucket = false
        default: throw UsageError(description: "use --from local --to s3, or --from s3 --to local")
        }
    }

    func run() async throws -> Int32 {
        let bucketOption = SettingsLayers.Option("--to", sets: "storage.backend", to: "s3")
        let settings = try Settings(layers(arguments, bucketOption))
        let directory = try DataDirectory(creating: settings.dataDirectory)
        let spool = try directory.claimSpool()
        let local = try LocalObjectStore.open(root: directory.objects)
        let bucket = try openObjects(settings.engines, directory, HTTPClient())
        let (source, target): (any ObjectStore, any ObjectStore) = isToBucket ? (local, bucket) : (bucket, local)
        let total = try await count(source)
        var bar = ProgressBar(total: total, unit: "objects")
        let done = try await migrateObjects(from: source, to: target, spool: spool.path) { progress in
            bar.show(progress.objects, progress.last?.description ?? "")
        }
        bar.finish()
        let pruned = arguments.has("--prune") ? try await pruneObjects(in: target, missingFrom: source) : 0
        withExtendedLifetime(spool) {}
        Terminal.print(arguments.has("--json") ? json(done, pruned).prettyText : sentence(done, pruned))
        return ExitCode.success
    }

    private func count(_ store: any ObjectStore) async throws -> Int {
        var (count, last) = (0, ObjectKey?.none)
        repeat {
            let page = try await store.list(prefix: "", after: last, limit: 1000)
            count += page.objects.count
            last = page.next
        } while last != nil
        return count
    }

    private func sentence(_ done: MigrationProgress, _ pruned: Int) -> String {
        """
        Copied \(done.copied) objects (\(done.bytes) bytes) and compared them; \(done.skipped) were there already\
        \(pruned > 0 ? ", \(pruned) removed" : "").
        """
    }

    private func json(_ done: MigrationProgress, _ pruned: Int) -> JSON {
        [
            "copied": JSON(done.copied), "skipped": JSON(done.skipped), "vanished": JSON(done.vanished),
            "bytes": JSON(done.bytes), "pruned": JSON(pruned),
        ]
    }
}
