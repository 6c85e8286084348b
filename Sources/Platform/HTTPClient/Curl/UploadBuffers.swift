internal import CCurl
import Glibc
import Synchronization

/// libcurl's upload buffers, each on pages of its own.
///
/// libcurl 7.88 gives every call with a body a buffer of at least 16 KiB (`CURLOPT_UPLOAD_BUFFERSIZE`) and keeps it until
/// the answer is there, which takes a model a minute. Most bodies fill one page of it. In malloc's memory the other
/// pages were somebody's before and stay resident, 12 KiB a call; here only what a body touches is.
final class UploadBuffers: Sendable {
    /// What libcurl asks for with the least buffer: 16 KiB, and a byte or a few more.
    static let sizes = 16 << 10...(16 << 10) + 256
    static let shared = UploadBuffers(count: 1 << 16)

    /// Bytes of address space for one buffer: whole pages.
    static let stride = (16 << 10) + 4096

    private struct Places {
        /// Given back, the last first.
        var free: [Int32] = []
        /// Never used from here on.
        var unused: Int32 = 0
    }

    private let start: UInt
    private let count: Int32
    private let places = Mutex(Places())

    /// Address space for `count` buffers, which takes no memory yet. Where there is none, nothing is ever taken.
    init(count: Int32) {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        let memory = mmap(nil, Int(count) * Self.stride, PROT_READ | PROT_WRITE, flags, -1, 0)
        start = memory.map { UInt(bitPattern: $0) } ?? 0
        self.count = memory == MAP_FAILED ? 0 : count
    }

    deinit {
        if count > 0 { munmap(UnsafeMutableRawPointer(bitPattern: start), Int(count) * Self.stride) }
    }

    /// How many are taken.
    var inUse: Int { places.withLock { Int($0.unused) - $0.free.count } }

    /// A buffer for ``sizes`` bytes, or `nil` when all are taken.
    func take() -> UnsafeMutableRawPointer? {
        let place = places.withLock { places -> Int32? in
            if let place = places.free.popLast() { return place }
            guard places.unused < count else { return nil }
            defer { places.unused += 1 }
            return places.unused
        }
        return place.flatMap { UnsafeMutableRawPointer(bitPattern: start + UInt($0) * UInt(Self.stride)) }
    }

    /// Lets go of a buffer and of its pages.
    ///
    /// - Returns: `false` when `pointer` is not from here.
    func giveBack(_ pointer: UnsafeMutableRawPointer) -> Bool {
        guard owns(pointer) else { return false }
        madvise(pointer, Self.stride, MADV_DONTNEED)
        let place = Int32((UInt(bitPattern: pointer) - start) / UInt(Self.stride))
        places.withLock { $0.free.append(place) }
        return true
    }

    func owns(_ pointer: UnsafeMutableRawPointer) -> Bool {
        let address = UInt(bitPattern: pointer)
        return address >= start && address < start + UInt(count) * UInt(Self.stride)
    }
}

/// Starts libcurl with ``UploadBuffers``; everything else is malloc's.
func startCurl() -> Bool {
    curl_global_init_mem(
        Int(CURL_GLOBAL_ALL),
        { size in UploadBuffers.sizes.contains(size) ? UploadBuffers.shared.take() ?? malloc(size) : malloc(size) },
        { pointer in if let pointer, !UploadBuffers.shared.giveBack(pointer) { free(pointer) } },
        { pointer, size in
            guard let pointer, UploadBuffers.shared.owns(pointer) else { return realloc(pointer, size) }
            guard let copy = malloc(size) else { return nil }
            copy.copyMemory(from: pointer, byteCount: min(size, UploadBuffers.sizes.upperBound))
            _ = UploadBuffers.shared.giveBack(pointer)
            return copy
        },
        { text in text.flatMap { strdup($0) } },
        { count, size in calloc(count, size) },
    ) == CURLE_OK
}
