import Imaging

/// Takes blocks of text out of a picture, on the thread that calls it.
struct Eraser {
    private let picture: Bitmap
    private let stop: WorkStop

    init(_ picture: Bitmap, stop: WorkStop) {
        self.picture = picture
        self.stop = stop
    }

    func erase(_ blocks: [TextBlock]) throws -> CleanPicture {
        let zones = blocks.compactMap { block in TextZone(block, in: picture.size).map { (block, $0) } }
        var occupied = Array(repeating: false, count: picture.size.pixels)
        for (_, zone) in zones {
            for (index, isInside) in zone.insides().enumerated() where isInside {
                occupied[zone.pixel(index, in: picture.size)] = true
            }
        }
        var mask = Bitmap(size: picture.size, bands: 1, pixels: Array(repeating: 0, count: picture.size.pixels))
        var masks: [(zone: TextZone, mask: LetterMask)] = []
        for (block, zone) in zones {
            try stop.check()
            let others = (0..<zone.bounds.area).map { occupied[zone.pixel($0, in: picture.size)] }
            let letters = try LetterMask(block, zone, in: picture, besides: others, stop: stop)
            for (index, isLetter) in letters.letters.flags.enumerated() where isLetter {
                mask.pixels[zone.pixel(index, in: picture.size)] = 255
            }
            masks.append((zone, letters))
        }
        var clean = picture
        for (zone, letters) in masks {
            try stop.check()
            try fill(zone, letters, mask, &clean)
        }
        return CleanPicture(original: picture, picture: clean, mask: mask)
    }

    private func fill(_ zone: TextZone, _ letters: LetterMask, _ mask: Bitmap, _ clean: inout Bitmap) throws {
        let (bounds, bands) = (zone.bounds, picture.bands)
        let places = (0..<bounds.area).map { zone.pixel($0, in: picture.size) }
        let isHole = places.map { mask.pixels[$0] != 0 }
        let filled: [[Float]]
        if letters.plainGround != nil {
            filled = (0..<bands).map { band in
                let known = zip(places, isHole).filter { !$1 }.map { picture.pixels[$0.0 * bands + band] }
                return Array(repeating: Float(Colour.median(known)), count: places.count)
            }
        } else {
            let planes = (0..<bands).map { band in places.map { Float(picture.pixels[$0 * bands + band]) } }
            let patch = PullPush(width: bounds.width, height: bounds.height, planes: planes, isHole: isHole)
            filled = try patch.filled(stop)
        }
        for index in places.indices where letters.letters.flags[index] {
            for band in 0..<bands {
                clean.pixels[places[index] * bands + band] = UInt8(min(255, max(0, filled[band][index].rounded())))
            }
        }
    }
}
