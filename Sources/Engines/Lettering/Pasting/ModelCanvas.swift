import Imaging

/// A sheet of paper in one of the shapes that models draw in, with a picture in its middle. What a model draws on it has
/// the picture's own proportions, and comes back to where it was.
package struct ModelCanvas: Sendable, Hashable {
    /// Such as `4:3`.
    package let aspectRatio: String
    /// In pixels of the picture.
    let size: PixelSize
    /// Where the picture lies.
    let place: TextBox

    /// What Gemini's `imageConfig` takes (2026-11).
    private static let ratios = [(1, 1), (2, 3), (3, 2), (3, 4), (4, 3), (9, 16), (16, 9), (21, 9)]

    /// The smallest sheet that holds the picture; `nil` for one so long that most of the sheet would be empty.
    init?(for picture: PixelSize) {
        let sheets = Self.ratios.map { across, down -> (ratio: String, size: PixelSize) in
            let isWider = picture.width * down >= picture.height * across
            let width = isWider ? picture.width : (picture.height * across + down - 1) / down
            let height = isWider ? (picture.width * down + across - 1) / across : picture.height
            return ("\(across):\(down)", PixelSize(width: width, height: height))
        }
        guard let best = sheets.min(by: { $0.size.pixels < $1.size.pixels }),
            best.size.pixels <= 2 * picture.pixels
        else { return nil }
        aspectRatio = best.ratio
        size = best.size
        place = TextBox(
            x: (best.size.width - picture.width) / 2,
            y: (best.size.height - picture.height) / 2,
            width: picture.width,
            height: picture.height,
        )
    }

    /// The picture on the sheet; the rest shows its outermost pixels. Transparent pixels become grey.
    func sheet(of picture: Bitmap) -> Bitmap {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(3 * size.pixels)
        for y in 0..<size.height {
            for x in 0..<size.width {
                let colour = picture.colour(
                    min(place.width - 1, max(0, x - place.x)),
                    min(place.height - 1, max(0, y - place.y)),
                )
                pixels.append(colour.red)
                pixels.append(colour.green)
                pixels.append(colour.blue)
            }
        }
        return Bitmap(size: size, bands: 3, pixels: pixels)
    }

    /// The picture's part of a sheet.
    func picture(of sheet: Bitmap) -> Bitmap {
        precondition(sheet.size == size)
        let bands = sheet.bands
        let rows = (place.y..<place.bottom).map { y in
            sheet.pixels[(y * size.width + place.x) * bands..<(y * size.width + place.right) * bands]
        }
        let part = PixelSize(width: place.width, height: place.height)
        return Bitmap(size: part, bands: bands, pixels: Array(rows.joined()))
    }
}
