import Database
import Kernel
import Synchronization

/// Whoever keeps rows of pictures, and what they do when one is deleted by any of the ways to do so.
final class PictureDeletions: Sendable {
    /// Runs in the transaction that deletes the picture; what it throws keeps the picture.
    typealias Follower = @Sendable (ID<StoredPicture>, any Transaction) throws -> Void

    private let followers = Mutex<[Follower]>([])

    func add(_ follower: @escaping Follower) { followers.withLock { $0.append(follower) } }

    /// Tells all of them.
    func tell(_ id: ID<StoredPicture>, in transaction: any Transaction) throws {
        for follower in followers.withLock({ $0 }) { try follower(id, transaction) }
    }
}

extension ImagesModule {
    /// Has `follower` remove its own rows of every picture that is deleted from now on, in the transaction of the
    /// deletion. It may be told of pictures that it does not know, and of one whose rows are gone already.
    package func whenDeleted(
        _ follower: @escaping @Sendable (ID<StoredPicture>, any Transaction) throws -> Void
    ) {
        service.deletions.add(follower)
    }
}
