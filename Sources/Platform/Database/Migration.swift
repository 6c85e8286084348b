import Kernel

/// One step of a module's schema. Steps are numbered from 1 without gaps, only ever added, and never edited once they
/// have run anywhere: the checksum of an applied step is stored, and an edited one stops the start.
package struct Migration: Sendable {
    /// The position within the module, from 1.
    package let number: Int
    /// What the step does, in a few words.
    package let name: String
    /// The module whose tables these are, such as `images`.
    package let module: String
    /// The statements for an engine, one ``SQL`` value each.
    package let statements: @Sendable (Dialect) -> [SQL]

    package init(
        _ number: Int,
        _ name: String,
        module: String,
        statements: @escaping @Sendable (Dialect) -> [SQL],
    ) {
        self.number = number
        self.name = name
        self.module = module
        self.statements = statements
    }

    /// SHA-256 over text and binds of the statements, hexadecimal.
    func checksum(_ dialect: Dialect) -> String {
        var bytes: [UInt8] = []
        for statement in statements(dialect) {
            let (text, values) = statement.render(for: dialect)
            bytes += text.utf8
            for value in values { bytes += "\u{0}\(value)".utf8 }
            bytes.append(0)
        }
        return Digest.sha256(bytes).hexadecimal
    }
}

/// Why the schema could not be brought up to date.
package enum MigrationError: Failure, Equatable {
    /// An applied step is no longer what it was.
    case edited(module: String, number: Int, name: String)
    /// The database was written by a newer version.
    case schemaIsNewer(module: String, number: Int)
    /// A step failed; nothing of it was kept, the steps before it were.
    case failed(module: String, number: Int, name: String, DatabaseError)

    package var status: Int {
        if case .failed(_, _, _, let error) = self { error.status } else { 500 }
    }

    package var code: String {
        switch self {
        case .edited: "migration_edited"
        case .schemaIsNewer: "schema_is_newer"
        case .failed: "migration_failed"
        }
    }

    package var message: String {
        switch self {
        case .edited(let module, let number, let name):
            "Migration \(number) of \(module) (\(name)) was changed after it had been applied. Restore it and add a new"
                + " one instead."
        case .schemaIsNewer(let module, let number):
            "The database was written by a newer version of this program (migration \(number) of \(module))."
                + " Start that version, or restore a backup made before the update."
        case .failed(let module, let number, let name, let error):
            "Migration \(number) of \(module) (\(name)) failed. \(error.message)"
        }
    }

    package var isPermanent: Bool {
        if case .failed(_, _, _, let error) = self { error.isPermanent } else { true }
    }
}
