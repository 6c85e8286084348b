import Archives
import Foundation
import TestSupport
import Testing

/// Archives as they are made, and as strangers make them.
@Suite struct ArchiveTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func file(_ bytes: [UInt8]) throws -> String {
        let path = "\(folder.path)/\(UUID().uuidString).zip"
        try Data(bytes).write(to: URL(filePath: path))
        return path
    }

    private func reader(_ bytes: [UInt8], _ limits: ArchiveLimits = ArchiveLimits()) throws -> ZIPReader {
        try ZIPReader(path: try file(bytes), limits: limits)
    }

    /// Reads everything.
    private func read(_ bytes: [UInt8], _ limits: ArchiveLimits = ArchiveLimits()) throws -> [String: [UInt8]] {
        let reader = try reader(bytes, limits)
        var found: [String: [UInt8]] = [:]
        while let entry = try reader.next() { found[entry.name] = try reader.contents() }
        return found
    }

    private func made(_ files: [(String, [UInt8])], deflates: Bool = false) -> [UInt8] {
        let writer = ZIPWriter()
        return files.flatMap { writer.add($0.0, $0.1, deflates: deflates, modified: 1_700_000_000) } + writer.finish()
    }

    @Test(arguments: [true, false])
    func whatIsPutInComesOut(deflates: Bool) throws {
        let long = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7 &* 31) }
        let files = ["猫/cat ☕.png": long, "empty": [], "manifest.json": Array("{}".utf8)]
        #expect(try read(made(files.map { ($0.key, $0.value) }, deflates: deflates)) == files)
    }

    @Test func otherProgramsReadAndWriteTheSame() async throws {
        let path = try file(made([("猫.png", [1, 2, 3]), ("a/b.txt", Array("text".utf8))]))
        let script = """
            import sys, zipfile
            with zipfile.ZipFile(sys.argv[1]) as old, zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_DEFLATED) as new:
                assert old.testzip() is None
                for name in old.namelist(): new.writestr(name, old.read(name) * 2)
            """
        let result = try await runProgram(["/usr/bin/python3", "-c", script, path, path + ".new"])
        #expect(result.code == 0, "\(result.output)")
        let reader = try ZIPReader(path: path + ".new")
        #expect(try reader.next()?.name == "猫.png")
        #expect(try reader.contents() == [1, 2, 3, 1, 2, 3])
        #expect(try reader.next()?.name == "a/b.txt")
        #expect(try reader.next() == nil)
    }

    @Test func anArchiveInMemoryIsTheSame() throws {
        let long = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7 &* 31) }
        let reader = try ZIPReader(bytes: made([("a", long), ("b", [1, 2])], deflates: true))
        #expect(try reader.next()?.size == 300_000)
        #expect(try reader.contents() == long)
        #expect(try reader.next()?.name == "b")
        #expect(try reader.beginning() == [1, 2])
        #expect(try reader.next() == nil)
        #expect(throws: ArchiveError.notAnArchive) { try ZIPReader(bytes: Array("no archive".utf8)) }
        #expect(throws: ArchiveError.notAnArchive) { try ZIPReader(bytes: []) }
    }

    @Test func theBeginningOfAnEntryUnpacksNoMore() throws {
        let zeros = [UInt8](repeating: 0, count: 30 << 20)
        var limits = ArchiveLimits()
        limits.entryBytes = 64 << 20
        let reader = try ZIPReader(bytes: made([("zeros", zeros), ("b", [2])], deflates: true), limits: limits)
        #expect(try reader.next()?.name == "zeros")
        #expect((512...65_536).contains(try reader.beginning().count))
        #expect(try reader.next()?.name == "b")
    }

    @Test(arguments: ["__MACOSX/._a.png", ".hidden.png", "a/.DS_Store", "Thumbs.db", "b/desktop.ini"])
    func whatSystemsLeaveIsClutter(_ name: String) {
        #expect(isClutter(name))
        #expect(!isClutter("a/b.png"))
    }

    @Test func anEntryThatIsNotWantedIsPassedOver() throws {
        let reader = try reader(made([("a", [1]), ("b", [2])]))
        #expect(try reader.next()?.name == "a")
        #expect(try reader.next()?.name == "b")
        #expect(try reader.contents() == [2])
    }

    @Test func whatIsNoArchiveIsSaidToBeNone() throws {
        let whole = made([("a", Array(repeating: 5, count: 1000))])
        for bytes in [[], Array("no archive at all".utf8), Array(whole.dropLast(30)), Array(whole.prefix(200))] {
            #expect(throws: ArchiveError.notAnArchive) { try reader(bytes) }
        }
        #expect(throws: ArchiveError.unreadable) { try ZIPReader(path: "\(folder.path)/none.zip") }
    }

    @Test("a damaged archive is said to be one", arguments: [0, 1], [true, false])
    func damaged(entry: Int, deflates: Bool) throws {
        let bytes = made([("a", Array(repeating: 5, count: 1000)), ("b", Array(0..<200))], deflates: deflates)
        let heads = bytes.indices.filter { bytes[$0...].starts(with: Array("PK\u{3}\u{4}".utf8)) }
        var broken = bytes
        broken[try #require(heads.count == 2 ? heads[entry] : nil)] = 0
        let error = #expect(throws: ArchiveError.damaged(name: nil)) { try read(broken) }
        #expect(error?.status == 422 && error?.message.contains("damaged") == true)
    }

    @Test(arguments: ["../a.png", "a/../../b.png", "/etc/passwd", "C:/a.png", "a\u{1}.png", "c:a.png"])
    func aNameThatLeadsOutIsRefused(name: String) throws {
        #expect(throws: ArchiveError.unsafeName(name)) { try read(CraftedZIP([.init("fine.png"), .init(name)]).bytes) }
    }

    @Test func foldersOfWindowsAreFolders() throws {
        #expect(try read(CraftedZIP([.init("a\\b.png")]).bytes) == ["a/b.png": [1]])
        #expect(throws: ArchiveError.unsafeName("../../b.png")) { try read(CraftedZIP([.init("..\\..\\b.png")]).bytes) }
    }

    @Test(arguments: [[0x50, 0x4B, 3, 4], [0x1F, 0x8B, 8], [UInt8](repeating: 0, count: 257) + Array("ustar".utf8)])
    func archivesAreKnownByTheirFirstBytes(bytes: [UInt8]) {
        #expect(isArchive(bytes + [1, 2, 3]))
        #expect(!isArchive(Array("GIF89a".utf8)))
    }

    @Test func whatIsNoPlainFileIsRefused() throws {
        var link = CraftedZIP.Entry("link.png", Array("/etc/passwd".utf8))
        link.mode = 0o120777
        #expect(throws: ArchiveError.noFile(name: "link.png")) { try read(CraftedZIP([link]).bytes) }
        var secret = CraftedZIP.Entry("secret.png", Array(repeating: 7, count: 40))
        secret.flags = 1
        #expect(throws: ArchiveError.encrypted(name: "secret.png")) { try read(CraftedZIP([secret]).bytes) }
        let twice = CraftedZIP([.init("a.png"), .init("a.png")])
        #expect(throws: ArchiveError.duplicate(name: "a.png")) { try read(twice.bytes) }
        var broken = CraftedZIP.Entry("broken.png", [1, 2, 3])
        broken.checksum = 5
        #expect(throws: ArchiveError.damaged(name: "broken.png")) { try read(CraftedZIP([broken]).bytes) }
    }

    @Test func aNameInAnUnknownCharacterSetIsNoReasonToRefuse() throws {
        var entry = CraftedZIP.Entry("", [9])
        entry.name = [0xC3, 0xA8, 0xDF, 0xE4] + Array(".png".utf8)
        let reader = try reader(CraftedZIP([entry]).bytes)
        #expect(try #require(try reader.next()).name.hasSuffix(".png"))
        #expect(try reader.contents() == [9])
    }

    @Test func everyLimitIsCounted() throws {
        var limits = ArchiveLimits()
        limits.entries = 2
        #expect(try read(made([("a", [1]), ("b", [1])]), limits).count == 2)
        #expect(throws: ArchiveError.tooManyEntries(limit: 2)) {
            try read(made([("a", [1]), ("b", [1]), ("c", [1])]), limits)
        }
        limits = ArchiveLimits()
        limits.entryBytes = 10
        #expect(try read(made([("a", Array(1...10))]), limits).count == 1)
        #expect(throws: ArchiveError.entryTooLarge(name: "a", limitBytes: 10)) {
            try read(made([("a", Array(1...11))]), limits)
        }
        limits = ArchiveLimits()
        limits.totalBytes = 10
        #expect(throws: ArchiveError.tooLarge(limitBytes: 10)) {
            try read(made([("a", Array(1...6)), ("b", Array(1...5))]), limits)
        }
        let bomb = made([("zeros", [UInt8](repeating: 0, count: 4 << 20))], deflates: true)
        #expect(throws: ArchiveError.unpacksTooWell(ratio: 100)) { try read(bomb) }
    }

    /// The directory says 100 bytes, and megabytes come.
    @Test func anArchiveThatLiesAboutASizeIsStoppedAtTheLimit() throws {
        var bytes = made([("zeros", [UInt8](repeating: 0, count: 3 << 20))], deflates: true)
        let head = Array("PK\u{1}\u{2}".utf8)
        let line = try #require(bytes.indices.first { bytes[$0...].starts(with: head) })
        bytes.replaceSubrange(line + 24..<line + 28, with: [100, 0, 0, 0])
        var limits = ArchiveLimits()
        limits.entryBytes = 1 << 20
        limits.ratio = 1_000_000
        #expect(throws: ArchiveError.entryTooLarge(name: "zeros", limitBytes: 1 << 20)) { try read(bytes, limits) }
    }

    @Test func whatIsSaidHoldsNoControlCharacters() {
        let message = ArchiveError.unsafeName("a\u{1B}[2J" + String(repeating: "x", count: 500)).message
        #expect(!message.unicodeScalars.contains { $0.value < 0x20 })
        #expect(message.count < 250)
    }
}
