import Foundation
import Kernel
import Synchronization
import TestSupport
import Testing

@testable import App

/// The folders in which processes that share a data directory receive bodies.
@Suite(.timeLimit(.minutes(5))) struct SpoolFolderTests {
    @Test("processes that start at once take no folder for a leftover that another has just made")
    func starts() async throws {
        let folder = try TemporaryFolder()
        let directory = try DataDirectory(creating: folder.path)
        for _ in 0..<50 {
            let claimed = Mutex<[SpoolFolder]>([])
            let (begin, done) = (Semaphore(), Gate(4))
            for _ in 0..<4 {
                startThread(name: "start") {
                    begin.wait()
                    if let spool = try? directory.claimSpool() { claimed.withLock { $0.append(spool) } }
                    done.open()
                }
            }
            for _ in 0..<4 { begin.signal() }
            await done.pass()
            let paths = claimed.withLock { $0.map(\.path) }
            #expect(paths.count == 4)
            #expect(paths.allSatisfy { FileManager.default.fileExists(atPath: $0) })
        }
    }

    @Test func whatAKilledProcessLeftIsRemoved() throws {
        let folder = try TemporaryFolder()
        let directory = try DataDirectory(creating: folder.path)
        let left = "\(directory.spool)/0123456789abcdef"
        try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: false)
        let spool = try directory.claimSpool()
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.spool) == [String(spool.path.suffix(16))])
    }
}
