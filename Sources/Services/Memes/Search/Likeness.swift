import Images
import Imaging
import Kernel

/// Turns pictures into things that hits can be near to.
struct Likeness: Sendable {
    let images: ImagesModule
    let limits: ImageLimits
    let memes: MemeStore
    /// Threads for pixels.
    let pool: WorkPool
    let texts: MemeTextStore

    /// - Throws: ``MemesError/memeNotFound``, or an ``Imaging/ImagingError`` for a file that is no picture.
    func term(for picture: SearchBody.Picture, weight: Double) async throws -> MemeQuery.Term {
        switch picture {
        case .meme(let id):
            guard let meme = try await memes.find(id) else { throw MemesError.memeNotFound }
            let words = try await texts.texts(of: [id])[id] ?? MemeTexts([])
            let text = [MemeField.title, .caption, .meaning].map(words.joined).filter { !$0.isEmpty }
                .joined(separator: " ")
            return MemeQuery.Term(text: text, weight: weight, pictureHash: meme.perceptualHash)
        case .file(let bytes):
            let limits = limits
            let hash = try await pool.run {
                let sizes = [VariantSize("sample", longestSide: 150)]
                return try VariantMaker(sizes: sizes, limits: limits).make(from: bytes) { _ in }.perceptualHash
            }
            return MemeQuery.Term(weight: weight, pictureHash: hash)
        }
    }
}
