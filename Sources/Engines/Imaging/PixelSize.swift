/// Width and height in pixels, each at least 1.
package struct PixelSize: Sendable, Hashable {
    package let width: Int
    package let height: Int

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// The longer of both.
    package var longestSide: Int { max(width, height) }

    package var pixels: Int { width * height }

    /// This size made to fit a square of `limit` pixels; one that fits already stays as it is.
    ///
    /// The other side is rounded to the nearest pixel and never 0, where the service replaced by this one cut the
    /// fraction off (600 x 449.9 became 449) and failed on very long pictures.
    package func fitting(_ limit: Int) -> PixelSize {
        guard longestSide > limit else { return self }
        return PixelSize(width: scaled(width, to: limit), height: scaled(height, to: limit))
    }

    /// Width and height exchanged.
    var turned: PixelSize { PixelSize(width: height, height: width) }

    private func scaled(_ side: Int, to limit: Int) -> Int {
        max(1, (2 * side * limit + longestSide) / (2 * longestSide))
    }
}
