import Imaging

/// Colours of a rectangle in the frame of a block, level however the block is turned.
struct Patch {
    let box: TextBox
    let colours: [Colour]

    /// Places outside of the picture show its nearest pixel.
    init(_ picture: Bitmap, _ box: TextBox, turnedBy angle: Double, around middle: TextPoint) {
        self.box = box
        if angle == 0, box.within(picture.size) == box {
            colours = picture.colours(in: box)
            return
        }
        var colours: [Colour] = []
        colours.reserveCapacity(box.area)
        for y in box.y..<box.bottom {
            for x in box.x..<box.right {
                let place = TextPoint(x: Double(x) + 0.5, y: Double(y) + 0.5).turned(by: angle, around: middle)
                colours.append(
                    picture.colour(
                        min(picture.size.width - 1, max(0, Int(place.x.rounded(.down)))),
                        min(picture.size.height - 1, max(0, Int(place.y.rounded(.down)))),
                    )
                )
            }
        }
        self.colours = colours
    }
}
