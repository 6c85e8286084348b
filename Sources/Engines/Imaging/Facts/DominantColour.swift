extension Sample {
    /// The middle of the fullest of 16 x 16 x 16 equal boxes of colours, as sharp computes it (`stats.cc`); the
    /// darkest one of several that are equally full.
    var dominantColour: Colour {
        var histogram = [Int](repeating: 0, count: 4096)
        for colour in colours {
            histogram[Int(colour.red >> 4) << 8 | Int(colour.green >> 4) << 4 | Int(colour.blue >> 4)] += 1
        }
        let most = histogram.max() ?? 0
        let box = histogram.firstIndex(of: most) ?? 0
        func middle(_ index: Int) -> UInt8 { UInt8(index & 15) << 4 | 8 }
        return Colour(red: middle(box >> 8), green: middle(box >> 4), blue: middle(box))
    }
}
