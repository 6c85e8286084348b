import Foundation
import Testing

@testable import Imaging

/// A picture of the folder `Fixtures`; `make.py` there says what each one is.
func fixture(_ name: String) throws -> [UInt8] {
    let folder = #filePath.split(separator: "/").dropLast().map { "/\($0)" }.joined()
    return Array(try Data(contentsOf: URL(filePath: "\(folder)/Fixtures/\(name)")))
}

/// Everything that a maker delivers.
struct Made {
    var variants: [Variant] = []
    var facts: PictureFacts

    init(_ bytes: [UInt8], by maker: VariantMaker = VariantMaker()) throws {
        var delivered: [Variant] = []
        facts = try maker.make(from: bytes) { delivered.append($0) }
        variants = delivered
    }

    func variant(_ name: String) throws -> Variant { try #require(variants.first { $0.name == name }) }
}

/// Decoded pixels of a file.
struct Pixels {
    let width: Int
    let height: Int
    let bands: Int
    let bytes: [UInt8]

    init(width: Int, height: Int, bands: Int, bytes: [UInt8]) {
        self.width = width
        self.height = height
        self.bands = bands
        self.bytes = bytes
    }

    init(_ file: [UInt8], _ format: ImageFormat) throws {
        try Imaging.start()
        (width, height, bands, bytes) = try file.withUnsafeBytes { buffer in
            let raster = try Raster.open(buffer, format: format).rendered(before: .never, or: .corrupt)
            return (raster.width, raster.height, raster.bands, raster.pixels())
        }
    }

    /// Without gaps, as many bytes as there are bands.
    subscript(x: Int, y: Int) -> [UInt8] { Array(bytes[(y * width + x) * bands..<(y * width + x + 1) * bands]) }
}

extension Sample {
    /// A picture by formula, which `reference.py` draws too.
    static func drawn(_ width: Int, _ height: Int, alpha: Bool = false) -> Sample {
        let pixels = (0..<width * height).flatMap { index in
            let (x, y) = (index % width, index / width)
            let opacity = alpha ? min(255, x * 10 + y) : 255
            return [(x * 9 + x * y) % 256, (y * 7 + x * x) % 256, (x * y * 3) % 256, opacity].map(UInt8.init)
        }
        return Sample(size: PixelSize(width: width, height: height), pixels: pixels)
    }

    /// A grey picture by formula, which `reference.py` draws too.
    static func greyDrawn(_ width: Int, _ height: Int) -> Sample {
        let pixels = (0..<width * height).flatMap { index in
            let (x, y) = (index % width, index / width)
            let grey = UInt8((x * x * 37 + y * y * 11 + x * y * 53) % 256)
            return [grey, grey, grey, 255]
        }
        return Sample(size: PixelSize(width: width, height: height), pixels: pixels)
    }

    /// One pixel each, left to right.
    static func row(_ colours: [(UInt8, UInt8, UInt8, UInt8)]) -> Sample {
        Sample(
            size: PixelSize(width: colours.count, height: 1),
            pixels: colours.flatMap { [$0.0, $0.1, $0.2, $0.3] },
        )
    }
}

/// The largest difference over the channels.
func distance(_ left: Colour, _ right: Colour) -> Int {
    [(left.red, right.red), (left.green, right.green), (left.blue, right.blue)]
        .map { abs(Int($0) - Int($1)) }.max() ?? 0
}
