import Testing

@testable import Imaging

@Suite struct ImagingTests {
    @Test func onlyTheNamedLoadersAndOnePNGSaverAreOpen() throws {
        let codecs = try Imaging.codecs()
        let open = codecs.filter { $0.isOpen && $0.name != "pngsave_buffer" }.map(\.name)
        // libvips names a loader once for files, once for memory and once for streams; ours read memory.
        let families = Set(open.map { $0.replacing(/load.*/, with: "") })
        #expect(families == ["gif", "jpeg", "png", "tiff", "webp"])
        #expect(open.allSatisfy { $0.contains("load") }, "no other saver of libvips may run: \(open)")
        let closed = codecs.filter { !$0.isOpen }.map(\.name)
        for name in ["svgload_buffer", "csvload", "rawload", "webpsave_buffer", "jpegsave_buffer"] {
            #expect(closed.contains(name), "\(name)")
        }
        #expect(codecs.count > 40)
    }

    @Test func modulesAreNotLoaded() throws {
        // Those would bring ImageMagick, poppler and libheif into the process.
        let names = try Imaging.codecs().map(\.name)
        for part in ["magick", "heif", "jxl", "openslide"] {
            #expect(!names.contains { $0.contains(part) }, "\(part)")
        }
    }

    @Test func theEngineTestsItself() {
        #expect(throws: Never.self) { try Imaging.selfTest() }
    }

    @Test("no time gives no picture", arguments: ["photo.jpg", "rgba.png", "lossy.webp", "animated.gif"])
    func deadline(name: String) throws {
        let maker = VariantMaker(timeLimit: .nanoseconds(1))
        var delivered = 0
        #expect(throws: ImagingError.outOfTime) { try maker.make(from: fixture(name)) { _ in delivered += 1 } }
        #expect(delivered == 0)
        #expect(ImagingError.outOfTime.status == 503)
    }

    @Test func theEncoderLooksAtTheClockToo() throws {
        let bytes = try fixture("photo.jpg")
        try Imaging.start()
        #expect(throws: ImagingError.outOfTime) {
            try bytes.withUnsafeBytes { file in
                try WebPPlanes(of: Raster.open(file, format: .jpeg), before: .never)
                    .encoded(quality: 85, effort: 4, before: Deadline(after: .nanoseconds(1)))
            }
        }
    }

    @Test func longTimeLimitsNeverCome() {
        #expect(Deadline(after: .seconds(Int64.max)).nanoseconds == Int64.max)
    }

    /// In a process of its own, because other tests use the same memory.
    @Test func nothingStaysBehindAfterJobsAndErrors() async {
        await #expect(processExitsWith: .success) {
            let names = [
                "photo.jpg", "rgba.png", "cmyk.jpg", "animated.gif", "lossless.webp", "damaged.jpg", "damaged.png",
                "damaged.webp", "damaged.gif", "orientation-6.jpg",
            ]
            for name in names {
                let bytes = try fixture(name)
                _ = try? Made(bytes)
                _ = try? Made(bytes, by: VariantMaker(timeLimit: .microseconds(700)))
                _ = try? Made(Array(bytes.prefix(bytes.count / 2)))
            }
            Imaging.trim()
            let memory = Imaging.memory
            precondition(memory.highWaterBytes > 1_000_000)
            precondition(memory.bytes == 0 && memory.allocations == 0 && memory.openFiles == 0)
        }
    }

    @Test func severalThreadsMakeTheSameFiles() async throws {
        let bytes = try fixture("other-1.jpg")
        let expected = try Made(bytes).variants
        let results = try await withThrowingTaskGroup(of: [Variant].self) { group in
            for _ in 0..<8 { group.addTask { try Made(bytes).variants } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.count == 8)
        #expect(results.allSatisfy { $0 == expected })
    }
}
