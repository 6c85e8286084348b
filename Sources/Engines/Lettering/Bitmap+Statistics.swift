import Imaging

extension Bitmap {
    /// As a person sees it: what is transparent lies on a middle grey, like in the sheets that are read.
    func colour(_ x: Int, _ y: Int) -> Colour {
        let at = (y * size.width + x) * bands
        guard bands >= 3 else { return Colour(red: pixels[at], green: pixels[at], blue: pixels[at]) }
        let colour = Colour(red: pixels[at], green: pixels[at + 1], blue: pixels[at + 2])
        guard bands == 4, pixels[at + 3] < 255 else { return colour }
        return Colour(red: 128, green: 128, blue: 128).mixed(with: colour, Double(pixels[at + 3]) / 255)
    }

    /// The colours of a rectangle that lies within, row after row.
    func colours(in box: TextBox) -> [Colour] {
        var colours: [Colour] = []
        colours.reserveCapacity(box.area)
        for y in box.y..<box.bottom {
            for x in box.x..<box.right { colours.append(colour(x, y)) }
        }
        return colours
    }

    /// Colours of about 4,000 pixels of a rectangle at most, evenly spread.
    func sample(in box: TextBox) -> [Colour] {
        guard let box = box.within(size) else { return [] }
        var step = 1
        while box.area / (step * step) > 4_000 { step += 1 }
        return stride(from: box.y, to: box.bottom, by: step).flatMap { y in
            stride(from: box.x, to: box.right, by: step).map { colour($0, y) }
        }
    }

    func median(in box: TextBox) -> Colour { Colour(medianOf: sample(in: box)) }

    /// Nine of ten pixels differ from the median by this or less.
    func spread(in box: TextBox) -> Int {
        let colours = sample(in: box)
        return Colour(medianOf: colours).spread(of: colours)
    }

    /// Of a colour to the pixels that it is hardest to tell from, but for one in ten.
    func leastContrast(to colour: Colour, in box: TextBox) -> Double {
        let contrasts = sample(in: box).map { Colour.contrast($0, colour) }.sorted()
        return contrasts.isEmpty ? 1 : contrasts[contrasts.count / 10]
    }
}

extension Colour {
    /// The median of each channel; black of no colours.
    init(medianOf colours: [Colour]) {
        self.init(
            red: Self.median(colours.map(\.red)),
            green: Self.median(colours.map(\.green)),
            blue: Self.median(colours.map(\.blue)),
        )
    }

    /// Nine of ten colours differ from this one by so much or less.
    func spread(of colours: [Colour]) -> Int {
        var counts = Array(repeating: 0, count: 256)
        for colour in colours { counts[distance(to: colour)] += 1 }
        var missing = colours.count * 9 / 10
        for (distance, count) in counts.enumerated() {
            missing -= count
            if missing <= 0 { return distance }
        }
        return 255
    }

    static func median(_ values: [UInt8]) -> UInt8 {
        var counts = Array(repeating: 0, count: 256)
        for value in values { counts[Int(value)] += 1 }
        var missing = (values.count + 1) / 2
        for (value, count) in counts.enumerated() {
            missing -= count
            if missing <= 0 { return UInt8(value) }
        }
        return 0
    }
}
