import Kernel

/// Brings the schema up to date: applies what is new, each step in a transaction of its own, modules in the order of
/// the list. Several processes may call it at once; each step runs in one of them.
///
/// - Returns: The steps that this call applied.
/// - Throws: ``MigrationError`` when a step failed, was edited, or the schema is newer than this program.
@discardableResult
package func migrate(
    _ database: any Database,
    _ migrations: [Migration],
    time: any TimeSource = SystemTime(),
)
    async throws -> [Migration]
{
    checkNumbers(migrations)
    try await database.transaction { transaction in
        try lockSchema(transaction)
        try transaction.execute(
            """
            CREATE TABLE IF NOT EXISTS schema_migration (
                module     TEXT   NOT NULL,
                number     BIGINT NOT NULL,
                name       TEXT   NOT NULL,
                checksum   TEXT   NOT NULL,
                applied_at BIGINT NOT NULL,
                PRIMARY KEY (module, number)
            )
            """
        )
        try refuseNewerSchema(transaction, migrations)
    }
    var applied: [Migration] = []
    for migration in migrations {
        let isNew = try await database.transaction { try apply(migration, in: $0, at: time.now) }
        if isNew { applied.append(migration) }
    }
    return applied
}

/// - Returns: Whether the step was new.
private func apply(_ migration: Migration, in transaction: any Transaction, at now: Timestamp) throws -> Bool {
    let (module, number) = (migration.module, migration.number)
    let checksum = migration.checksum(transaction.dialect)
    try lockSchema(transaction)
    let known = try transaction.first(
        "SELECT checksum FROM schema_migration WHERE module = \(module) AND number = \(number)"
    )
    if let known {
        guard try known.get("checksum") == checksum else {
            throw MigrationError.edited(module: module, number: number, name: migration.name)
        }
        return false
    }
    do throws(DatabaseError) {
        for statement in migration.statements(transaction.dialect) { try transaction.execute(statement) }
        try transaction.execute(
            """
            INSERT INTO schema_migration (module, number, name, checksum, applied_at)
            VALUES (\(module), \(number), \(migration.name), \(checksum), \(now))
            """
        )
    } catch {
        throw MigrationError.failed(module: module, number: number, name: migration.name, error)
    }
    return true
}

private func refuseNewerSchema(_ transaction: any Transaction, _ migrations: [Migration]) throws {
    let newest = Dictionary(migrations.map { ($0.module, $0.number) }, uniquingKeysWith: max)
    let rows = try transaction.query("SELECT module, MAX(number) AS number FROM schema_migration GROUP BY module")
    for row in rows {
        let (module, number): (String, Int) = (try row.get("module"), try row.get("number"))
        if number > newest[module, default: 0] { throw MigrationError.schemaIsNewer(module: module, number: number) }
    }
}

/// SQLite's writer is alone anyway; on PostgreSQL a lock keeps other processes out until the commit.
private func lockSchema(_ transaction: any Transaction) throws(DatabaseError) {
    guard transaction.dialect == .postgresql else { return }
    // Another process may be at a long step: the limits of ordinary statements are not meant for this.
    try transaction.execute("SET LOCAL lock_timeout = 0")
    try transaction.execute("SET LOCAL statement_timeout = 0")
    // Any constant will do as long as nothing else takes it: "pictor" in ASCII.
    _ = try transaction.query("SELECT pg_advisory_xact_lock(\(Int64(0x7069_6374_6F72)))")
}

private func checkNumbers(_ migrations: [Migration]) {
    var last: [String: Int] = [:]
    for migration in migrations {
        let expected = last[migration.module, default: 0] + 1
        precondition(
            migration.number == expected,
            "\(migration.module): migration \(expected) is missing or out of order",
        )
        last[migration.module] = migration.number
    }
}
