/// JPEG: markers (0xFF and a byte) with segments, entropy-coded data after each `SOS`, `EOI` at the end
/// (ITU-T T.81, annex B).
struct JPEGHeader: HeaderWalk {
    private let reader: ByteReader
    private var frame: Frame?
    private var scans = 0

    init(_ bytes: [UInt8]) { reader = ByteReader(bytes, .big) }

    var hasPixels: Bool { scans > 0 }

    mutating func run() throws(ImagingError) {
        var offset = 2
        while let marker = nextMarker(&offset) {
            switch marker {
            case 0x01, 0xD0...0xD7:
                continue
            case 0xD9:
                return
            case 0xDA:
                guard frame != nil else { throw .corrupt }
                scans += 1
            case 0xC0...0xCF where ![0xC4, 0xC8, 0xCC].contains(marker):
                guard frame == nil else { throw .corrupt }
                frame = try readFrame(at: offset, marker: marker)
            default:
                break
            }
            guard let length = reader.number(at: offset, width: 2) else { break }
            guard length >= 2 else { throw .corrupt }
            offset += length
        }
        throw .truncated
    }

    func header() throws(ImagingError) -> ImageHeader {
        guard let frame, scans > 0 else { throw .corrupt }
        return frame.header(scans: scans)
    }

    private struct Frame {
        var size: PixelSize
        var bands: Int
        var isProgressive: Bool
        /// Samples a pixel, when colours are stored at less than full resolution: 1.5 for 4:2:0.
        var samplesPerPixel: Double

        func header(scans: Int) -> ImageHeader {
            // Several scans: libjpeg keeps every coefficient, two bytes each, until the last scan is read.
            let pixels = Double(size.width) * Double(size.height)
            let coefficients = isProgressive ? Int(pixels * samplesPerPixel * 2) : 0
            return ImageHeader(
                format: .jpeg,
                size: size,
                bands: bands,
                bitsPerSample: 8,
                scans: scans,
                extraBytes: coefficients,
            )
        }
    }

    /// Moves `offset` behind the next marker. Zero after 0xFF is data, 0xFF after 0xFF is filling; other bytes before
    /// a marker are skipped as libjpeg does, which is also the way through entropy-coded data.
    private func nextMarker(_ offset: inout Int) -> Int? {
        while let found = reader.position(of: 0xFF, from: offset), let code = reader.byte(at: found + 1) {
            offset = found + (code == 0xFF ? 1 : 2)
            if code != 0, code != 0xFF { return code }
        }
        return nil
    }

    private func readFrame(at offset: Int, marker: Int) throws(ImagingError) -> Frame {
        guard let length = reader.number(at: offset, width: 2), let precision = reader.byte(at: offset + 2),
            let height = reader.number(at: offset + 3, width: 2), let width = reader.number(at: offset + 5, width: 2),
            let bands = reader.byte(at: offset + 7), offset + length <= reader.count
        else { throw .truncated }
        guard length == 8 + 3 * bands, width > 0, height > 0, (1...4).contains(bands) else { throw .corrupt }
        guard [0xC0, 0xC1, 0xC2, 0xC9, 0xCA].contains(marker), precision == 8 else {
            throw .unsupported(what: "image/jpeg with lossless, hierarchical or 12-bit coding")
        }
        let sampling = (0..<bands).compactMap { reader.byte(at: offset + 9 + 3 * $0) }.map { ($0 >> 4, $0 & 15) }
        guard sampling.allSatisfy({ (1...4).contains($0.0) && (1...4).contains($0.1) }) else { throw .corrupt }
        let largest = (sampling.map(\.0).max() ?? 1) * (sampling.map(\.1).max() ?? 1)
        let samples = sampling.reduce(0) { $0 + $1.0 * $1.1 }
        return Frame(
            size: PixelSize(width: width, height: height),
            bands: bands,
            isProgressive: [0xC2, 0xCA].contains(marker),
            samplesPerPixel: Double(samples) / Double(largest),
        )
    }
}
