import Kernel

/// How far a migration is.
package struct MigrationProgress: Sendable, Hashable {
    /// Objects stored in the target and compared.
    package var copied = 0
    /// Objects that were there already, byte for byte.
    package var skipped = 0
    /// Objects that were removed from the source meanwhile.
    package var vanished = 0
    /// Bytes of the objects that were copied.
    package var bytes = 0
    /// The last key that was done; not all before it need be.
    package var last: ObjectKey?

    /// Everything that was looked at.
    package var objects: Int { copied + skipped + vanished }
}

/// A copy that is not what it was made from; the rest of the migration is not done.
package struct MigrationMismatch: Error, CustomStringConvertible {
    package let key: ObjectKey

    package var description: String { "\(key) is not the same after the copy; was it written meanwhile? Run it again" }
}

/// Copies every object from one store to the other and compares each by its SHA-256, read back from the target.
///
/// Can be run again at any time: what is there with the same bytes is skipped. Nothing is removed, neither from the
/// source nor from the target. Memory is bounded by a piece of 4 MiB for each object under way.
///
/// - Parameters:
///   - source: What is copied. Objects stored after their place in the listing has passed need another run.
///   - target: Where it goes.
///   - spool: A folder for objects on their way between stores that are no local files; up to `width` of them.
///   - width: Objects under way at the same time.
///   - progress: Told after every object, by one task at a time.
/// - Returns: What was done in all.
/// - Throws: ``StorageError``, or ``MigrationMismatch`` for a copy that differs.
package func migrateObjects(
    from source: any ObjectStore,
    to target: any ObjectStore,
    spool: String,
    width: Int = 4,
    progress: (MigrationProgress) -> Void,
) async throws -> MigrationProgress {
    let migration = ObjectMigration(source: source, target: target, spool: spool)
    var done = MigrationProgress()
    try await withThrowingTaskGroup(of: (ObjectInfo, ObjectMigration.Outcome).self) { group in
        func take(_ object: ObjectInfo, _ outcome: ObjectMigration.Outcome) {
            done.count(object, outcome)
            progress(done)
        }
        var running = 0
        var last: ObjectKey?
        repeat {
            let page = try await source.list(prefix: "", after: last, limit: 1000)
            for object in page.objects {
                if running >= width, let (object, outcome) = try await group.next() {
                    take(object, outcome)
                    running -= 1
                }
                group.addTask { (object, try await migration.migrate(object.key)) }
                running += 1
            }
            last = page.next
        } while last != nil
        for try await (object, outcome) in group { take(object, outcome) }
    }
    return done
}

/// Removes from `target` every object that `source` does not have, such as those deleted between two migrations.
///
/// - Returns: How many were removed.
package func pruneObjects(in target: any ObjectStore, missingFrom source: any ObjectStore) async throws -> Int {
    var removed = 0
    var last: ObjectKey?
    repeat {
        let page = try await target.list(prefix: "", after: last, limit: 1000)
        for object in page.objects {
            do throws(StorageError) {
                _ = try await source.info(object.key)
            } catch .notFound {
                if try await target.delete(object.key) { removed += 1 }
            }
        }
        last = page.next
    } while last != nil
    return removed
}

extension MigrationProgress {
    fileprivate mutating func count(_ object: ObjectInfo, _ outcome: ObjectMigration.Outcome) {
        switch outcome {
        case .copied(let size):
            copied += 1
            bytes += size
        case .skipped: skipped += 1
        case .vanished: vanished += 1
        }
        last = object.key
    }
}
