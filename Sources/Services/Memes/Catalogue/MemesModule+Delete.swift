import Database
import Images
import Kernel

extension MemesModule {
    /// Removes a meme, its picture and everything that is known of it; no search finds it from now on.
    ///
    /// - Throws: A 404 when there is no such meme.
    package func delete(_ id: ID<Meme>, actor: String) async throws {
        guard try await memes.find(id) != nil else { throw MemesError.memeNotFound }
        let remove: @Sendable (any Transaction) throws -> Void = { try forget(ID(same: id), in: $0) }
        // Rows of a time when pictures could be deleted without their memes.
        if try await parts.images.delete(ID(same: id), actor: actor, also: remove) { return }
        try await memes.database.transaction { try remove($0) }
    }

    /// Removes the meme of a picture that is being deleted, if it has one; no search finds it after the commit.
    package func forget(_ picture: ID<StoredPicture>, in transaction: any Transaction) throws {
        guard let meme = try memes.find(ID(same: picture), in: transaction) else { return }
        try memes.delete(meme, in: transaction)
        transaction.afterCommit { [lookup] in lookup.remove(meme.number) }
    }
}
