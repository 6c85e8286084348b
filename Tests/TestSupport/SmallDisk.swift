/// A file system of a given size, in memory, that nobody but this test sees: it is mounted in the mount namespace of a
/// child process and reached through `/proc`. It goes when the child goes.
package final class SmallDisk {
    package struct Unavailable: Error, CustomStringConvertible {
        package let description: String
    }

    /// A folder on the disk.
    package let path: String
    private let child: ChildProcess

    /// - Throws: ``Unavailable`` where nothing can be mounted.
    package init(bytes: Int) async throws {
        child = try await Self.mounted(Self.namespace(), bytes: bytes)
        path = "/proc/\(child.processID)/root/mnt"
    }

    /// Options of unshare(1) for a namespace in which this user may mount.
    ///
    /// - Throws: ``Unavailable`` where there are none.
    package static func namespace() async throws -> [String] {
        // A user namespace needs no rights but is refused inside a chroot; there, root may mount directly.
        for way in [["-Urm"], ["-m"], ["-m", "--propagation", "unchanged"]]
        where (try? await mounted(way, bytes: 4096)) != nil { return way }
        throw unavailable
    }

    private static let unavailable = Unavailable(
        description: "No file system can be mounted for this test: it needs unshare and mount (Debian packages "
            + "util-linux and mount) and either user namespaces or root."
    )

    /// The disk is there as long as the child, and the child as long as somebody could write to it.
    private static func mounted(_ way: [String], bytes: Int) async throws -> ChildProcess {
        let mount = "mount -t tmpfs -o size=\(bytes),mode=0755 none /mnt && echo ready && read end; umount /mnt"
        let child = try ChildProcess(
            ["/usr/bin/unshare"] + way + ["/bin/sh", "-c", mount],
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
            folder: "/",
            reads: true,
        )
        guard await child.line(where: { $0 == "ready" }) != nil else { throw unavailable }
        return child
    }
}
