import Database
import Kernel

/// A picture with words that find it. Its id is also that of its picture in Images.
package struct Meme: Sendable {
    /// How far the pipeline is.
    package enum Status: String, Sendable, CaseIterable, SQLBindable, SQLDecodable {
        /// It can be found by what is known so far, and more is being found out.
        case partial
        /// Every stage has run or was passed over for lack of a part.
        case ready
        /// A stage was given up; it can be found by what the others found out.
        case failed
    }

    package let id: ID<Meme>
    /// What indexes call it, from 1; never given twice.
    package let number: UInt32
    /// SHA-256 of the file, hexadecimal.
    package let contentHash: String
    package let status: Status
    package let fileName: String
    package let mimeType: String
    package let sizeBytes: Int
    package let width: Int
    package let height: Int
    /// More than 1 for an animation.
    package let frames: Int
    package let perceptualHash: UInt64?
    package let differenceHash: UInt64?
    /// `#rrggbb`, the most frequent first.
    package let colours: [String]
    package let likes: Int
    package let dislikes: Int
    package let sent: Int
    /// The number of its last change.
    package let change: Int64
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    /// The columns that ``init(row:)`` reads.
    static let columns: SQL = """
        meme.id, meme.number, meme.content_hash, meme.status, meme.file_name, meme.mime_type, meme.size_bytes,
        meme.width_px, meme.height_px, meme.frames, meme.perceptual_hash, meme.difference_hash, meme.colours,
        meme.likes, meme.dislikes, meme.sent, meme.change, meme.created_at, meme.updated_at
        """

    init(row: Row) throws {
        id = try row.get("id")
        number = UInt32(try row.get("number", as: Int.self))
        contentHash = try row.get("content_hash")
        status = try row.get("status")
        fileName = try row.get("file_name")
        mimeType = try row.get("mime_type")
        sizeBytes = try row.get("size_bytes")
        width = try row.get("width_px")
        height = try row.get("height_px")
        frames = try row.get("frames")
        perceptualHash = try row.get("perceptual_hash", as: String?.self).flatMap { UInt64($0, radix: 16) }
        differenceHash = try row.get("difference_hash", as: String?.self).flatMap { UInt64($0, radix: 16) }
        colours = try row.get("colours", as: JSON.self).array?.compactMap(\.string) ?? []
        likes = try row.get("likes")
        dislikes = try row.get("dislikes")
        sent = try row.get("sent")
        change = try row.get("change")
        createdAt = try row.get("created_at")
        updatedAt = try row.get("updated_at")
    }
}

/// What is known of a meme when it comes in.
struct NewMeme: Sendable {
    let id: ID<Meme>
    let contentHash: String
    let fileName: String
    let mimeType: String
    let sizeBytes: Int
    let width: Int
    let height: Int
    let frames: Int
    let perceptualHash: UInt64?
    let differenceHash: UInt64?
    let colours: [String]
}
