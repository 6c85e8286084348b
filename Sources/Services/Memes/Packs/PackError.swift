import Kernel

/// What can go wrong with a pack as a whole.
enum PackError: Failure, Equatable {
    /// The manifest cannot be understood.
    case badManifest(reason: String)
    /// Nothing that was asked for is there.
    case nothing
    /// Nothing in it is a picture.
    case noPictures
    case tooLarge(limitBytes: Int)
    case tooManyMemes(limit: Int)

    var status: Int {
        switch self {
        case .badManifest, .noPictures: 422
        case .nothing: 404
        case .tooLarge, .tooManyMemes: 413
        }
    }

    var code: String {
        switch self {
        case .badManifest: "bad_manifest"
        case .nothing: "nothing_to_pack"
        case .noPictures: "no_pictures"
        case .tooLarge: "pack_too_large"
        case .tooManyMemes: "too_many_memes"
        }
    }

    var message: String {
        switch self {
        case .badManifest(let reason): "The manifest cannot be used. \(reason)"
        case .nothing: "No meme is there to pack. Choose another library or other filters."
        case .noPictures: "There are no pictures in this pack."
        case .tooLarge(let limit): "The pack is larger than \(limit >> 20) MiB. Send it in parts."
        case .tooManyMemes(let limit): "These are more than \(limit) memes. Choose fewer, such as one library."
        }
    }
}
