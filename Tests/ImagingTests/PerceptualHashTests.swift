import Testing

@testable import Imaging

@Suite struct PerceptualHashTests {
    @Test func bitsAreThoseOfTheReference() {
        #expect(Sample.greyDrawn(32, 32).perceptualHash == 0x0FCB_C55F_0748_9B22)
        #expect(Sample.greyDrawn(9, 8).differenceHash == 0xD9AB_AD66_4CD9_93AB)
    }

    @Test("the same picture keeps its hash", arguments: ["thumbnail", "medium", "large", "original"])
    func reducedAndCompressedAgain(variant: String) throws {
        let photo = try Made(fixture("photo.jpg"))
        let again = try Made(photo.variant(variant).bytes)
        #expect(bitsApart(photo.facts.perceptualHash, again.facts.perceptualHash) <= 6)
        #expect(bitsApart(photo.facts.differenceHash, again.facts.differenceHash) <= 6)
    }

    @Test func smallerBrighterAndHarderCompressedIsStillTheSamePicture() throws {
        let photo = try Made(fixture("photo.jpg")).facts
        let edited = try Made(fixture("photo-edited.jpg")).facts
        #expect(bitsApart(photo.perceptualHash, edited.perceptualHash) <= 6)
        #expect(bitsApart(photo.differenceHash, edited.differenceHash) <= 6)
    }

    @Test func differentPicturesAreFarApart() throws {
        let names = ["photo.jpg", "other-1.jpg", "other-2.jpg", "other-3.jpg"]
        let facts = try names.map { try Made(fixture($0)).facts }
        for (index, left) in facts.enumerated() {
            for (right, name) in zip(facts, names).dropFirst(index + 1) {
                #expect(bitsApart(left.perceptualHash, right.perceptualHash) >= 20, "\(names[index]), \(name)")
                #expect(bitsApart(left.differenceHash, right.differenceHash) >= 20, "\(names[index]), \(name)")
            }
        }
    }

    @Test func plainPicturesHaveTheHashZero() {
        for grey: UInt8 in [0, 1, 77, 128, 255] {
            let plain = Sample.row(Array(repeating: (grey, grey, grey, 255), count: 150))
            #expect(plain.perceptualHash == 0)
            #expect(plain.differenceHash == 0)
        }
    }

    @Test func blackAndWhiteSignsOnTransparentGroundDiffer() {
        let shape: [UInt8] = [0, 0, 255, 255, 0, 255, 0, 0, 0]
        let black = Sample.row(shape.map { (0, 0, 0, $0) })
        let white = Sample.row(shape.map { (255, 255, 255, $0) })
        #expect(black.differenceHash != 0 && white.differenceHash != 0)
        #expect(black.differenceHash & white.differenceHash == 0)
    }

    private func bitsApart(_ left: UInt64, _ right: UInt64) -> Int { (left ^ right).nonzeroBitCount }
}
