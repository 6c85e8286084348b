import Kernel

/// What the dashboard tells about the process; known only where the program is put together.
package struct ServerFacts: Sendable {
    package let serviceName: String
    package let version: String
    package let startedAt: Timestamp
    /// Measured for free space; never shown.
    package let dataFolder: String
    /// What to call the database, without a path or password, such as `sqlite` or `postgresql`.
    package let databaseName: String
    package let databaseBytes: @Sendable () async -> Int64
    /// What to call the place of the files, such as `local`.
    package let storageName: String
    /// Jobs that may run at once in this process.
    package let workers: Int

    package init(
        serviceName: String,
        version: String,
        startedAt: Timestamp,
        dataFolder: String,
        databaseName: String,
        databaseBytes: @escaping @Sendable () async -> Int64,
        storageName: String,
        workers: Int,
    ) {
        self.serviceName = serviceName
        self.version = version
        self.startedAt = startedAt
        self.dataFolder = dataFolder
        self.databaseName = databaseName
        self.databaseBytes = databaseBytes
        self.storageName = storageName
        self.workers = workers
    }
}
