import Foundation

/// A file system of a given size, in memory, that nobody but this test sees: it is mounted in the mount namespace of a
/// child process and reached through `/proc`. It goes when the child goes.
package final class SmallDisk {
    package struct Unavailable: Error, CustomStringConvertible {
        package let description: String
    }

    /// A folder on the disk.
    package let path: String
    private let child: Process
    private let input: Pipe

    /// - Throws: ``Unavailable`` where nothing can be mounted.
    package init(bytes: Int) throws {
        guard let (child, input) = try Self.start(Self.namespace(), bytes: bytes) else { throw Self.unavailable }
        (self.child, self.input) = (child, input)
        path = "/proc/\(child.processIdentifier)/root/mnt"
    }

    deinit {
        try? input.fileHandleForWriting.close()
        child.waitUntilExit()
    }

    /// Options of unshare(1) for a namespace in which this user may mount.
    ///
    /// - Throws: ``Unavailable`` where there are none.
    package static func namespace() throws -> [String] {
        // A user namespace needs no rights but is refused inside a chroot; there, root may mount directly.
        for way in [["-Urm"], ["-m"], ["-m", "--propagation", "unchanged"]] {
            if let (child, input) = try start(way, bytes: 4096) {
                try input.fileHandleForWriting.close()
                child.waitUntilExit()
                return way
            }
        }
        throw unavailable
    }

    private static let unavailable = Unavailable(
        description: "No file system can be mounted for this test: it needs unshare and mount (Debian packages "
            + "util-linux and mount) and either user namespaces or root."
    )

    private static func start(_ way: [String], bytes: Int) throws -> (Process, Pipe)? {
        let (child, input, output) = (Process(), Pipe(), Pipe())
        child.executableURL = URL(filePath: "/usr/bin/unshare")
        child.arguments =
            way + [
                "sh", "-c",
                "mount -t tmpfs -o size=\(bytes),mode=0755 none /mnt && echo ready && read end; umount /mnt",
            ]
        (child.standardInput, child.standardOutput, child.standardError) = (input, output, FileHandle.nullDevice)
        try child.run()
        if output.fileHandleForReading.availableData == Data("ready\n".utf8) { return (child, input) }
        try input.fileHandleForWriting.close()
        child.waitUntilExit()
        return nil
    }
}
