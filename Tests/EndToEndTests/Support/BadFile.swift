import Foundation
import Glibc
import TestSupport

/// Files that are not what they seem.
enum BadFile: CaseIterable {
    /// 50,000 x 50,000 pixels of one bit in about 300 kB.
    case bomb
    case html, svg
    /// The head of a GIF before a page with a script.
    case polyglot
    case cutJPEG, cutPNG, cutWebP
    case trailingHeaderOnly

    var status: Int {
        switch self {
        case .bomb: 413
        case .html, .svg: 415
        case .cutJPEG, .cutPNG, .cutWebP, .polyglot, .trailingHeaderOnly: 422
        }
    }

    func bytes() async throws -> [UInt8] {
        switch self {
        case .bomb: try await packedBomb()
        case .html: Array("<!doctype html><script>alert(1)</script>".utf8)
        case .svg: Array(#"<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>"#.utf8)
        case .polyglot: Array("GIF89a/*\u{1}\u{0}\u{1}\u{0}*/=1;alert(1)//".utf8)
        case .cutJPEG: try half("photo.jpg")
        case .cutPNG: try half("palette.png")
        case .cutWebP: try half("lossy.webp")
        case .trailingHeaderOnly: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        }
    }

    private func half(_ name: String) throws -> [UInt8] {
        let bytes = try fixture(name)
        return Array(bytes.prefix(bytes.count / 2))
    }
}

/// 312.5 MB of zeros, deflated.
private func packedBomb() async throws -> [UInt8] {
    try await packedPNG(width: 50_000, height: 50_000, depth: 1, colourType: 0, row: "bytes(1 + 50000 // 8)")
}

/// 4,000 x 3,000 pixels of three colours that run from left to right.
func largePicture() async throws -> [UInt8] {
    let row = "bytes(1) + bytes(v for x in range(4000) for v in (x * 255 // 4000, 255 - x * 255 // 4000, x % 256))"
    return try await packedPNG(width: 4000, height: 3000, depth: 8, colourType: 2, row: row)
}

/// Python's zlib is the only deflate that a test machine is sure to have; `row` is Python for the bytes of each row.
private func packedPNG(width: Int, height: Int, depth: Int, colourType: Int, row: String) async throws -> [UInt8] {
    let script = """
        import struct, sys, zlib
        def chunk(name, data):
            return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        pack = zlib.compressobj(9)
        row = \(row)
        pixels = b"".join(pack.compress(row * 100) for _ in range(\(height) // 100)) + pack.flush()
        head = struct.pack(">IIBBBBB", \(width), \(height), \(depth), \(colourType), 0, 0, 0)
        out = b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
        sys.stdout.buffer.write(out)
        """
    return try await runProgram(["/usr/bin/python3", "-c", script], errors: false).bytes
}

/// User and system time that a process has used (proc(5), fields 14 and 15).
func cpuMilliseconds(of process: Int32) -> Int {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
        let rest = text.split(separator: ")").last
    else { return 0 }
    let fields = rest.split(separator: " ")
    let ticks = (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
    return ticks * 1000 / sysconf(Int32(_SC_CLK_TCK))
}
