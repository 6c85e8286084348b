/// How variants are encoded.
package struct WebPSettings: Sendable, Equatable {
    /// 0...100.
    package var quality = 85
    /// libwebp's method (0 fast ... 6 small) above ``largePixels``. 2 needs 2.4 times less CPU than 4 at equal bytes
    /// and PSNR there; 6 needs 2.8 times more than 4 for 9 % of the bytes.
    package var largeEffort = 2
    /// The method for all others, where 4 is cheap and saves 4 % of the bytes.
    package var smallEffort = 4
    /// More pixels than this are large: just above what fits 1200 x 1200.
    package var largePixels = 1_500_000

    package init() {}

    /// The same effort for every size, to compare with encoders that know only one.
    package static func equalEffort(_ effort: Int) -> WebPSettings {
        var settings = WebPSettings()
        settings.largeEffort = effort
        settings.smallEffort = effort
        return settings
    }

    func effort(for size: PixelSize) -> Int { size.pixels > largePixels ? largeEffort : smallEffort }
}
