import Imaging

/// How far a drawing of a picture lies beside it: models move what they draw by some pixels.
struct Registration {
    /// Where a pixel of the picture is found in the drawing.
    let shift: (x: Int, y: Int)
    /// How much both then differ outside of the texts, in brightness, 0...255.
    let difference: Double

    /// Both have one size; `boxes` are the texts' places, in which they must differ.
    init(of drawing: Bitmap, to picture: Bitmap, besides boxes: [TextBox]) {
        let reach = max(2, min(16, max(picture.size.width, picture.size.height) / 100))
        let places = Self.places(picture.size, besides: boxes, border: reach)
        guard !places.isEmpty else {
            (shift, difference) = ((0, 0), 0)
            return
        }
        let wanted = places.map { picture.brightness($0.x, $0.y) }
        func mean(_ x: Int, _ y: Int) -> Double {
            var sum = 0
            for (place, value) in zip(places, wanted) {
                sum += abs(drawing.brightness(place.x + x, place.y + y) - value)
            }
            return Double(sum) / Double(places.count)
        }
        var best = (x: 0, y: 0, difference: mean(0, 0))
        for y in -reach...reach {
            for x in -reach...reach {
                let found = mean(x, y)
                // On plain ground every shift is as good as none.
                if found < 0.98 * best.difference - 0.01 { best = (x, y, found) }
            }
        }
        shift = (best.x, best.y)
        difference = best.difference
    }

    /// About 3,000 pixels, evenly spread.
    private static func places(_ size: PixelSize, besides boxes: [TextBox], border: Int) -> [(x: Int, y: Int)] {
        var step = 1
        while size.pixels / (step * step) > 3_000 { step += 1 }
        return stride(from: border, to: size.height - border, by: step).flatMap { y in
            stride(from: border, to: size.width - border, by: step).map { (x: $0, y: y) }
        }
        .filter { place in
            !boxes.contains { $0.contains(TextPoint(x: Double(place.x), y: Double(place.y))) }
        }
    }
}

extension Bitmap {
    /// 0...255, of a picture with three bands or four.
    fileprivate func brightness(_ x: Int, _ y: Int) -> Int {
        let at = (y * size.width + x) * bands
        return (Int(pixels[at]) + 2 * Int(pixels[at + 1]) + Int(pixels[at + 2])) / 4
    }
}
