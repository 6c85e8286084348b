import Kernel

/// Why a picture was not accepted or not made. It is decided by our own checks and by the stage that failed, never by
/// the text of a library, which all threads share.
package enum ImagingError: Failure, Equatable {
    /// The bytes are damaged: a header that contradicts itself, pixels that cannot be decoded.
    case corrupt
    /// The engine failed where the picture is not to blame. The text is for the log.
    case failed(String)
    /// The work was not done within its time.
    case outOfTime
    /// Decoded, it would need more memory than allowed.
    case tooManyDecodedBytes(Int, limit: Int)
    /// The file is longer than allowed.
    case tooManyBytes(Int, limit: Int)
    /// More colour channels than allowed.
    case tooManyBands(Int, limit: Int)
    /// An animation with more frames than allowed.
    case tooManyFrames(Int, limit: Int)
    /// More pixels than allowed.
    case tooManyPixels(width: Int, height: Int, limit: Int)
    /// A progressive JPEG with more scans than any camera writes; each costs a pass over the whole picture.
    case tooManyScans(Int, limit: Int)
    /// A side longer than allowed.
    case tooLongSide(Int, limit: Int)
    /// The file ends before the picture does.
    case truncated
    /// A decoder of another process finds it damaged. The text, which that one chose, is for the log.
    case undecodable(String)
    /// Not a format we decode. `what` is a MIME type or a name of the variant.
    case unsupported(what: String)

    package var status: Int {
        switch self {
        case .corrupt, .truncated, .undecodable: 422
        case .failed: 500
        case .outOfTime: 503
        case .unsupported: 415
        case .tooManyDecodedBytes, .tooManyBytes, .tooManyBands, .tooManyFrames, .tooManyPixels, .tooManyScans,
            .tooLongSide:
            413
        }
    }

    package var code: String {
        switch self {
        case .corrupt, .undecodable: "picture_corrupt"
        case .failed: "imaging_failed"
        case .outOfTime: "picture_out_of_time"
        case .tooManyDecodedBytes: "picture_too_large_decoded"
        case .tooManyBytes: "picture_too_many_bytes"
        case .tooManyBands: "picture_too_many_bands"
        case .tooManyFrames: "picture_too_many_frames"
        case .tooManyPixels: "picture_too_many_pixels"
        case .tooManyScans: "picture_too_many_scans"
        case .tooLongSide: "picture_side_too_long"
        case .truncated: "picture_truncated"
        case .unsupported: "picture_type_unsupported"
        }
    }

    package var message: String {
        switch self {
        case .corrupt, .undecodable:
            "The picture is damaged and cannot be decoded. Export it again and send the new file."
        case .failed: "The picture could not be processed because of a problem on the server."
        case .outOfTime: "The picture took too long to process. Try again later, or send a smaller one."
        case .tooManyDecodedBytes(let bytes, let limit):
            "The picture needs \(bytes >> 20) MiB of memory; at most \(limit >> 20) MiB are allowed."
        case .tooManyBytes(let bytes, let limit): "The file has \(bytes) bytes; at most \(limit) are allowed."
        case .tooManyBands(let bands, let limit):
            "The picture has \(bands) colour channels; at most \(limit) are allowed."
        case .tooManyFrames(let frames, let limit):
            "The animation has \(frames) frames; at most \(limit) are allowed."
        case .tooManyPixels(let width, let height, let limit):
            "The picture has \(width) x \(height) pixels; at most \(limit) pixels are allowed."
        case .tooManyScans(let scans, let limit):
            "The JPEG has \(scans) scans; at most \(limit) are allowed. Save it as a baseline JPEG."
        case .tooLongSide(let side, let limit):
            "The longest side of the picture is \(side) pixels; at most \(limit) are allowed."
        case .truncated: "The file ends before the picture does. Send it again, the transfer was cut off."
        case .unsupported(let what):
            "Unsupported file type: \(what). Allowed: \(ImageFormat.accepted.map(\.mimeType).joined(separator: ", "))"
        }
    }
}
