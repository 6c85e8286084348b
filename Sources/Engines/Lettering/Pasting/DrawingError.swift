import Imaging
import Kernel

/// Why a model's drawing cannot take the place of a picture's texts.
package enum DrawingError: Failure, Equatable {
    /// What the model gave is no picture that can be decoded.
    case unreadable
    /// It shows something else than the picture.
    case unlike
    /// The picture cannot be sent to be drawn.
    case unsuitable(reason: String)
    /// Its proportions are not those that were asked for.
    case wrongShape(width: Int, height: Int)

    package var status: Int { 422 }

    package var code: String {
        switch self {
        case .unreadable, .unlike, .wrongShape: "drawing_unusable"
        case .unsuitable: "not_drawable"
        }
    }

    package var message: String {
        switch self {
        case .unreadable: "The model's picture cannot be read."
        case .unlike: "The model drew another picture."
        case .unsuitable(let reason): "This picture cannot be drawn by a model: \(reason)."
        case .wrongShape(let width, let height):
            "The model's picture has other proportions than this one (\(width) x \(height) pixels)."
        }
    }
}
