import Glibc
import HTTPServer
import Kernel
import TestSupport
import Testing

@testable import HTTPClient

@Suite(.timeLimit(.minutes(5))) struct UploadBuffersTests {
    @Test func `a buffer has no more pages than were written`() throws {
        let buffers = UploadBuffers(count: 2)
        let buffer = try #require(buffers.take())
        #expect(try residentPages(of: buffer) == 0)
        buffer.storeBytes(of: 1, toByteOffset: 3, as: UInt8.self)
        #expect(try residentPages(of: buffer) == 1)
        #expect(buffers.giveBack(buffer))
        #expect(try residentPages(of: buffer) == 0)
    }

    @Test func `buffers lie apart, and one that was given back is taken again`() throws {
        let buffers = UploadBuffers(count: 3)
        let taken = try (0..<3).map { _ in try #require(buffers.take()) }
        #expect(buffers.take() == nil)
        #expect(buffers.inUse == 3)
        let distances = zip(taken, taken.dropFirst()).map { abs($1 - $0) }
        #expect(distances.allSatisfy { $0 >= UploadBuffers.sizes.upperBound })
        #expect(buffers.giveBack(taken[1]))
        #expect(buffers.take() == taken[1])
    }

    @Test func `memory of others is not taken in`() throws {
        let (buffers, others) = (UploadBuffers(count: 1), UploadBuffers(count: 1))
        let foreign = try #require(others.take())
        #expect(!buffers.giveBack(foreign))
        #expect(buffers.inUse == 0)
    }

    /// Libcurl asks for a size of its own: with another one, no buffer would ever be taken from here.
    @Test func `a call with a body has its buffer here until it is answered`() async throws {
        let (arrived, mayAnswer) = (Signal(), Signal())
        try await withServer({ router in
            router.post("/") { _ in
                arrived.set()
                await mayAnswer.wait()
                return .text("done")
            }
        }) { url in
            async let response = HTTPClient().send(HTTPRequest(.post, url + "/", body: .bytes(Array("words".utf8))))
            await arrived.wait()
            #expect(UploadBuffers.shared.inUse > 0)
            mayAnswer.set()
            let status = try await response.status
            #expect(status == 200)
        }
    }

    private func residentPages(of buffer: UnsafeMutableRawPointer) throws -> Int {
        var pages = [UInt8](repeating: 0, count: UploadBuffers.stride / 4096)
        try #require(mincore(buffer, UploadBuffers.stride, &pages) == 0)
        return pages.count { $0 & 1 == 1 }
    }
}
