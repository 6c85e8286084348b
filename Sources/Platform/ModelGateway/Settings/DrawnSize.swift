/// How large a model draws, as Gemini calls it.
package enum DrawnSize: String, Sendable, CaseIterable {
    case oneK = "1K"
    case twoK = "2K"
    case fourK = "4K"

    /// About so many, whatever the shape.
    var pixels: Int {
        switch self {
        case .oneK: 1 << 20
        case .twoK: 4 << 20
        case .fourK: 16 << 20
        }
    }

    /// What a picture takes of a model's tokens; what is reported corrects it. Source: Gemini 3.1 Flash Image, 2026-11.
    var tokens: Int {
        switch self {
        case .oneK: 1300
        case .twoK: 1900
        case .fourK: 2700
        }
    }

    /// The smallest that is large enough for a picture, up to `largest`: enlarged by a fifth, drawn letters are still
    /// sharp.
    static func fitting(_ pixels: Int, upTo largest: DrawnSize) -> DrawnSize {
        allCases.first { $0 == largest || $0.pixels * 3 / 2 >= pixels } ?? largest
    }
}
