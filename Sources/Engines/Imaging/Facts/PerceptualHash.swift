extension Sample {
    /// 64 bits that stay nearly the same when a picture is scaled, compressed or brightened: which of the 63 lowest
    /// frequencies of a 32 x 32 grey copy are stronger than their median (Zauner, "Implementation and Benchmarking of
    /// Perceptual Image Hash Functions", 3.2.1).
    ///
    /// The bits stand as in the Python package ImageHash: row after row, the first one highest. That first one, of
    /// the mean brightness, is always 0.
    var perceptualHash: UInt64 {
        let side = 32
        let small = grey.averaged(width: side, height: side)
        let cosines = (0..<8).map { Plane.cosine(halfTurns: $0, over: side, offset: 0.5) }
        let strengths = (0..<64).map { bit in
            // Whole numbers: a plain picture has the hash 0 and not the rounding errors of its frequencies.
            small.sum(across: cosines[bit % 8], down: cosines[bit / 8]).rounded()
        }
        let median = strengths.dropFirst().sorted()[31]
        return bits(strengths.indices.map { $0 > 0 && strengths[$0] > median })
    }

    /// 64 bits that stay nearly the same when a picture is scaled or compressed: where a 9 x 8 grey copy gets brighter
    /// from left to right. Bits stand as in the Python package ImageHash.
    var differenceHash: UInt64 {
        let small = grey.averaged(width: 9, height: 8)
        return bits((0..<64).map { small[$0 % 8 + 1, $0 / 8].rounded() > small[$0 % 8, $0 / 8].rounded() })
    }
}

/// The first one highest.
private func bits(_ values: [Bool]) -> UInt64 {
    values.reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
}
