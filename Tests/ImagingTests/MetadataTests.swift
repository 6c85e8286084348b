import Foundation
import Testing

@testable import Imaging

/// Nothing of what a camera or editor wrote about a picture leaves the engine.
@Suite struct MetadataTests {
    private static let files = ["metadata.jpg", "metadata.png", "metadata.webp", "photo.jpg", "cmyk.jpg", "rgba.png"]
    private static let secrets = ["EXIF", "Exif", "XMP ", "xmpmeta", "ICCP", "IPTC", "8BIM", "SECRET", "mntr", "prtr"]

    @Test("variants carry pixels and nothing else", arguments: files)
    func variantsAreStripped(name: String) throws {
        let made = try Made(fixture(name))
        for file in made.variants.map(\.bytes) + [made.facts.placeholder] {
            #expect(try Set(chunks(of: file)).isSubset(of: ["VP8 ", "VP8X", "ALPH", "VP8L"]))
            for secret in Self.secrets { #expect(!contains(file, secret), "\(secret) in a variant of \(name)") }
        }
    }

    @Test func theFixturesCarryWhatMustGo() throws {
        for secret in ["EXIF-SECRET", "XMP-SECRET", "IPTC-SECRET", "COMMENT-SECRET", "mntr"] {
            #expect(try contains(fixture("metadata.jpg"), secret), "\(secret)")
        }
        for secret in ["EXIF-SECRET", "XMP-SECRET", "COMMENT-SECRET", "iCCP"] {
            #expect(try contains(fixture("metadata.png"), secret), "\(secret)")
        }
        #expect(try chunks(of: fixture("metadata.webp")) == ["VP8X", "ICCP", "VP8 ", "EXIF", "XMP "])
        #expect(try contains(fixture("cmyk.jpg"), "prtr"))
    }

    /// The names of the chunks of a RIFF file, which must have nothing behind them.
    private func chunks(of file: [UInt8]) throws -> [String] {
        let reader = ByteReader(file, .little)
        var names: [String] = []
        var offset = 12
        while let length = reader.number(at: offset + 4, width: 4) {
            names.append(String(decoding: file[offset..<offset + 4], as: UTF8.self))
            offset += 8 + length + length & 1
        }
        #expect(offset == file.count)
        return names
    }

    private func contains(_ file: [UInt8], _ text: String) -> Bool {
        Data(file).range(of: Data(text.utf8)) != nil
    }
}
