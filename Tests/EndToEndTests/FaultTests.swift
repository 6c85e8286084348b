import Foundation
import Glibc
import Kernel
import Synchronization
import TestSupport
import Testing

/// What must not break it.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct FaultTests {
    @Test func everyAcknowledgedUploadSurvivesKill9AndCompletesOnce() async throws {
        let folder = try TemporaryFolder()
        let first = try await RunningServer(data: folder.path)
        let client = Client(first)
        let picture = try fixture("photo.jpg")
        let (acknowledged, killed) = (Tally(), Gate())
        let jobs = await withTaskGroup(of: String?.self) { group in
            for number in 0..<100 {
                group.addTask {
                    // However slow the killing is, some uploads come too late for it.
                    if number >= 90 { await killed.pass() }
                    // Different bytes after the end marker make different pictures.
                    let bytes = picture + withUnsafeBytes(of: number) { Array($0) } + [0xFF, 0xD9]
                    guard let answer = try? await client.upload(bytes), answer.status == 202 else { return nil }
                    // In the middle of uploads and jobs.
                    if acknowledged.next() == 40 {
                        first.send(SIGKILL)
                        killed.open()
                    }
                    return answer.json["job_id"]?.string
                }
            }
            return await group.reduce(into: [String]()) { if let job = $1 { $0.append(job) } }
        }
        await first.exitCode()
        #expect(jobs.count >= 40 && jobs.count < 100)

        let second = try await RunningServer(data: folder.path)
        let after = Client(second)
        for job in jobs { #expect(try await after.finished(job: job)["status"] == "completed") }
        let stats = try await after.get("/dashboard/data").json
        #expect(stats["processing"]?["jobs_by_status"]?["completed"]?.integer ?? 0 >= Int64(jobs.count))
        await second.stop()
        let counts = try await runProgram([
            "/usr/bin/python3", "-c",
            """
            import sqlite3, sys
            rows = sqlite3.connect(sys.argv[1]).execute(
                "SELECT COUNT(*) FROM image_event WHERE kind = 'completed' GROUP BY image_id").fetchall()
            print(len(rows), max(row[0] for row in rows))
            """, "\(folder.path)/pictor.db",
        ])
        let numbers = counts.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        #expect(numbers.count == 2 && numbers[0] >= jobs.count && numbers[1] == 1, "\(counts.output)")
    }

    @Test func hundredUploadsAtALimitOfFiftyAcceptExactlyFifty() async throws {
        let server = try await RunningServer(
            environment: ["RATE_LIMIT_MAX_UPLOADS": "50"],
            arguments: ["--no-workers"],
        )
        let client = Client(server)
        let picture = try fixture("palette.png")
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
            for _ in 0..<100 { group.addTask { try await client.upload(picture) } }
            return try await group.reduce(into: [Answer]()) { $0.append($1) }
        }
        #expect(answers.count { $0.status == 202 } == 50)
        let refused = answers.filter { $0.status == 429 }
        #expect(refused.count == 50)
        for answer in refused {
            let seconds = try #require(answer[header: "retry-after"].flatMap(Int.init))
            #expect((1...3600).contains(seconds))
        }
    }

    @Test func sigtermUnderLoadLosesNothing() async throws {
        let folder = try TemporaryFolder()
        let first = try await RunningServer(data: folder.path)
        let client = Client(first)
        let picture = try fixture("photo.jpg")
        let answers = await withTaskGroup(of: Answer?.self) { group in
            for number in 0..<24 {
                group.addTask {
                    if number == 12 { first.send(SIGTERM) }
                    return try? await client.upload(picture + [UInt8(number), 0xFF, 0xD9])
                }
            }
            return await group.reduce(into: [Answer]()) { if let answer = $1 { $0.append(answer) } }
        }
        #expect(await first.exitCode() == 0)
        for answer in answers { #expect(answer.status == 202 && answer.json["job_id"] != nil, "a cut answer") }
        let second = try await RunningServer(data: folder.path)
        for answer in answers {
            let job = try #require(answer.json["job_id"]?.string)
            #expect(try await Client(second).finished(job: job)["status"] == "completed")
        }
    }

    @Test func fullDiskAnswers507AndServesNothingHalfWritten() async throws {
        // A disk of 24 MB that only this server sees.
        let folder = try TemporaryFolder()
        let namespace = try await SmallDisk.namespace()
        let server = try await RunningServer(
            data: folder.path,
            environment: ["PICTOR_DATA_MINIMUM_FREE": "0", "MAX_UPLOAD_SIZE_MB": "30"],
        ) { line in
            let mount = "mount -t tmpfs -o size=24m none \(folder.path) && exec \"$@\""
            return ["/usr/bin/unshare"] + namespace + ["/bin/sh", "-c", mount, "sh"] + line
        }
        let client = Client(server)
        let picture = try fixture("photo.jpg")
        var statuses: [Int] = []
        var accepted: [String] = []
        for number in 0..<60 {
            let padding = [UInt8](repeating: UInt8(number), count: 2_000_000) + [0xFF, 0xD9]
            let answer = try await client.upload(picture + padding)
            statuses.append(answer.status)
            if answer.status == 202, let job = answer.json["job_id"]?.string { accepted.append(job) }
            if answer.status == 507 { break }
        }
        #expect(statuses.last == 507, "\(statuses)")
        #expect(!accepted.isEmpty)
        #expect(try await client.get("/api/v1/health").status == 200)
        for job in accepted {
            let state = try await client.get("/api/v1/images/jobs/\(job)").json
            guard case .object(let links) = state["links"] ?? [:] else { continue }
            for (name, link) in links {
                let bytes = try await client.get(link.string ?? "").body
                #expect(Int64(bytes.count) == state["variants"]?[name]?["size_bytes"]?.integer, "\(name) is cut")
            }
        }
    }

    @Test("lying, truncated and polyglot files are refused with a reason", arguments: BadFile.allCases)
    func badFiles(file: BadFile) async throws {
        let server = try await RunningServer()
        let client = Client(server)
        let answer = try await client.upload(await file.bytes(), filename: "picture.jpg")
        #expect(answer.status == file.status, "\(file): \(answer.status) \(answer.text)")
        #expect(answer.json["error"]?.string?.isEmpty == false)
    }

    @Test func pictureOfTwoAndAHalfGigapixelsCostsNothing() async throws {
        let server = try await RunningServer()
        let client = Client(server)
        let bomb = try await BadFile.bomb.bytes()
        #expect(bomb.count > 250_000 && bomb.count < 400_000)
        _ = try await client.upload(bomb)  // the first request warms everything up
        let before = cpuMilliseconds(of: server.processID)
        for _ in 0..<20 { #expect(try await client.upload(bomb).status == 413) }
        let used = cpuMilliseconds(of: server.processID) - before
        #expect(used < 20 * 50, "\(used) ms for 20 of them")
    }

    /// 2,000 pictures, or as many as PICTOR_TEST_PICTURES says: each waits for a dozen writes to reach the disk.
    @Test func manyPicturesInARowGrowNeitherMemoryNorFiles() async throws {
        let count = ProcessInfo.processInfo.environment["PICTOR_TEST_PICTURES"].flatMap { Int($0) } ?? 2000
        let server = try await RunningServer()
        let client = Client(server)
        let picture = smallPicture
        func round(_ start: Int, _ count: Int) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in start..<start + count {
                    if number - start >= 8 { try await group.next() }
                    group.addTask {
                        let unique = withUnsafeBytes(of: number) { Array($0) }
                        let accepted = try await client.upload(withText(unique, in: picture))
                        let job = try #require(accepted.json["job_id"]?.string)
                        #expect(try await client.finished(job: job)["status"] == "completed")
                    }
                }
                try await group.waitForAll()
            }
        }
        try await round(0, count / 4)
        let before = try await usage(client)
        try await round(count / 4, count - count / 4)
        let after = try await usage(client)
        #expect(after.files <= before.files + 8, "\(before) \(after)")
        #expect(after.memory <= before.memory + 32_000_000, "\(before) \(after)")
        #expect(after.pixels == 0)
    }

    private func usage(_ client: Client) async throws -> (memory: Double, files: Double, pixels: Double) {
        (
            try await metric("process_resident_memory_bytes", client) ?? .infinity,
            try await metric("process_open_fds", client) ?? .infinity,
            try await metric("vips_tracked_memory_bytes", client) ?? .infinity,
        )
    }
}

/// Counts for several tasks.
private final class Tally: Sendable {
    private let count = Atomic(0)
    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

/// 16 x 16 pixels, so that two thousand of them cost their way and not their pixels.
private let smallPicture = Array(
    Data(
        base64Encoded: """
            iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAABlklEQVR42hXRURVEIQhFUSMYgQhGMAIRiGCEE8EIRi\
            ACEYhABCLMG7/ZrMt1jMEcyGAN9kAHNjgDBnfwBj6IQQ5q0IMxJnMikzXZE53Y5EyY3Mmb+CQmOalJzw8IUxBhCVtQ\
            wYQjIFzhCS6EkEIJLR9YzIUs1mIvdGGLs2BxF2/hi1jkoha9PrCZG9mszd7oxjZnw+Zu3sY3sclNbXp/QJmKKEvZii\
            qmHAXlKk9xJZRUSmn9gDENMZaxDTXMOAbGNZ7hRhhplNH2gcM8yGEd9kEPdjgHDvfwDn6IQx7q0OcD/wK/Sr4jv9hf\
            kG/1N/x/Fx44BCQU9Pc94zIvclmXfdGLXc79j9/Lu/glLnmpS98PPOZDHuuxH/qwx3n/5ffxHv6IRz7q0e8DznTEWc\
            521DHn+D/KdZ7jTjjplNP+gWAGEqxgBxpYcOIf/AYv8CCCDCro+EAyE0lWshNNLDn5P/MmL/Ekkkwq6fxAMQspVrEL\
            Law49S/lFq/wIoosquj6QDMbaVazG22sOf2v8Dav8SaabKrp5geIAnAQC3NfwAAAAABJRU5ErkJggg==
            """
    ) ?? Data()
)

/// The PNG with a text chunk before its end, so that its bytes differ and its pixels do not.
private func withText(_ text: [UInt8], in png: [UInt8]) -> [UInt8] {
    let payload = Array("tEXtnumber\0".utf8) + text.hexadecimal.utf8
    let length = UInt32(payload.count - 4)
    let checksum = crc32(payload)
    func bigEndian(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
    let chunk = bigEndian(length) + payload + bigEndian(checksum)
    return Array(png.dropLast(12)) + chunk + Array(png.suffix(12))
}

/// CRC-32 of PNG, annex D.
private func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0 as UInt32) { crc, byte in
        (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
    }
}
