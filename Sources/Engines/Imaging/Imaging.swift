internal import CVips
import Kernel

/// Pictures in, WebP and facts out: pure functions over bytes, each on the thread that calls it.
///
/// Everything here burns CPU: call it on a `WorkPool`, never on the cooperative pool. All functions may be called from
/// several threads at once; each works on one thread and leaves nothing behind on it.
package enum Imaging {
    /// What libvips holds at the moment; all but the high-water mark are zero between jobs.
    package struct Memory: Sendable, Equatable {
        /// Bytes of pixels.
        package var bytes: Int
        /// The most bytes of pixels there ever were.
        package var highWaterBytes: Int
        package var allocations: Int
        package var openFiles: Int
    }

    /// A loader or saver of libvips.
    package struct Codec: Sendable, Equatable {
        /// libvips' nickname, such as `jpegload_buffer`.
        package var name: String
        /// Whether it may run.
        package var isOpen: Bool
    }

    private static let started = cvips_start() == cvips_ok

    /// Starts libvips; call it early, before other threads allocate much. Later calls do nothing.
    ///
    /// - Throws: ``ImagingError/failed(_:)`` when the library does not start.
    package static func start() throws(ImagingError) {
        guard started else { throw .failed("libvips does not start: \(takeError())") }
    }

    /// Encodes a picture of 4 x 4 pixels, to see whether the engine works at all.
    package static func selfTest() throws(ImagingError) {
        try start()
        defer { cvips_job_end() }
        let pixels = [UInt8](repeating: 128, count: 4 * 4 * 3)
        let bytes = try WebPPlanes(of: Raster(pixels: pixels, width: 4, height: 4, bands: 3), before: .never)
            .encoded(quality: 85, effort: 0, before: .never)
        guard ImageFormat(firstBytes: bytes) == .webp else { throw .failed("the encoder did not give a WebP") }
    }

    /// Gives free memory back to the system. Worth a call when the queue is empty; costs about a millisecond.
    package static func trim() { cvips_trim() }

    /// What libvips holds at the moment.
    package static var memory: Memory {
        var now = cvips_memory()
        cvips_memory_now(&now)
        return Memory(
            bytes: now.bytes,
            highWaterBytes: now.high_water_bytes,
            allocations: Int(now.allocations),
            openFiles: Int(now.open_files),
        )
    }

    /// Every loader and saver that libvips has here, and whether it may run; only loaders of
    /// ``ImageFormat/accepted``, that of TIFF and one saver of PNG may.
    package static func codecs() throws(ImagingError) -> [Codec] {
        try start()
        var codecs: [Codec] = []
        withUnsafeMutablePointer(to: &codecs) { list in
            cvips_list_formats(
                { context, name, isOpen in
                    guard let context, let name else { return }
                    context.assumingMemoryBound(to: [Codec].self).pointee
                        .append(Codec(name: String(cString: name), isOpen: isOpen))
                },
                list,
            )
        }
        return codecs.sorted { $0.name < $1.name }
    }

    /// libvips' error text, for logs: at most 512 bytes, possibly of another thread's error.
    static func takeError() -> String {
        var text = [CChar](repeating: 0, count: 513)
        cvips_take_error(&text, text.count)
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
