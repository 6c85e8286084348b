import Database
import Images
import Jobs
import Kernel

/// Looks which objects of earlier pulls the source has no more, once all of it is listed.
struct PrunePull: JobArguments {
    static let kind = "memes.pull_prune"
    let pull: ID<Pull>
}

/// Counts what is gone from a source, deletes it where the pull asks for that, and ends the pull.
struct PullPruning: Sendable {
    let parts: PullParts
    let aliases: AliasStore
    let images: ImagesModule
    let maxFileBytes: Int
    /// Removes a meme's rows in the transaction of its picture's.
    let forget: @Sendable (ID<StoredPicture>, any Transaction) throws -> Void

    private static let page = 500

    /// Safe to run again: what is deleted is not found any more, and was counted in the same transaction.
    func run(_ id: ID<Pull>) async throws -> JobEffect {
        guard let pull = try await parts.pulls.find(id), pull.state == .running else { return noEffect }
        // A source that has nothing at all is more likely away than empty.
        let isDeleting = pull.options.deletesMissing && pull.listed > 0
        let filter = PullFilter(address: pull.address, options: pull.options, maxFileBytes: maxFileBytes)
        var (missing, last): (Int, String?) = (0, nil)
        repeat {
            let known = try await aliases.page(below: pull.folder, after: last, limit: Self.page)
            let candidates = known.filter { alias in
                alias.source.utf8.starts(with: pull.folder.utf8) && filter.isWanted(pull.key(of: alias.source))
            }
            let listed = try await parts.items.listed(candidates.map { pull.key(of: $0.source) }, by: id)
            for alias in candidates where !listed.contains(pull.key(of: alias.source)) {
                missing += 1
                if isDeleting { try await remove(alias, of: pull) }
            }
            last = known.count == Self.page ? known.last?.source : nil
        } while last != nil
        return effect(of: id, isDeleting ? nil : missing)
    }

    func givenUp(_ id: ID<Pull>, _ failure: JobFailure, _ transaction: any Transaction) throws {
        let now = parts.time.now
        guard let pull = try parts.pulls.lock(id, at: now, in: transaction), pull.state == .running else { return }
        try parts.pulls.setError(failure.code, failure.message, of: id, in: transaction)
        try parts.pulls.set(.done, of: id, at: now, in: transaction)
    }

    /// `missing`: How many are gone; `nil` for as many as were deleted.
    private func effect(of id: ID<Pull>, _ missing: Int?) -> JobEffect {
        { [parts] transaction in
            let now = parts.time.now
            guard let pull = try parts.pulls.lock(id, at: now, in: transaction), pull.state == .running else { return }
            try parts.pulls.setMissing(missing ?? pull.deleted, of: id, in: transaction)
            try parts.pulls.set(.done, of: id, at: now, in: transaction)
        }
    }

    /// A meme that came from elsewhere, too, stays and is only known no more to come from here.
    private func remove(_ alias: AliasStore.Alias, of pull: Pull) async throws {
        let id = ID<StoredPicture>(same: alias.meme)
        let isOnly = try await aliases.sources(of: alias.meme) == [alias.source]
        do {
            if isOnly, try await images.delete(id, actor: "pull", also: { try change(alias, pull, true, $0) }) {
                return
            }
        } catch is OtherSource {}
        do {
            try await parts.pulls.database.transaction { try change(alias, pull, false, $0) }
        } catch is OtherSource {}
    }

    private func change(
        _ alias: AliasStore.Alias,
        _ pull: Pull,
        _ isPictureGone: Bool,
        _ transaction: any Transaction,
    ) throws {
        guard try parts.pulls.lock(pull.id, at: parts.time.now, in: transaction)?.state == .running else {
            throw PullStopped()
        }
        guard try aliases.remove(alias, in: transaction) else { throw OtherSource() }
        let hasOther = try aliases.hasSource(alias.meme, in: transaction)
        if isPictureGone && hasOther { throw OtherSource() }
        try parts.pulls.countDeleted(alias.source, of: pull.id, in: transaction)
        if !hasOther { try forget(ID(same: alias.meme), transaction) }
    }

    /// The meme has come from somewhere since, or its source holds another one now.
    private struct OtherSource: Error {}
}

extension Pull {
    /// What the sources of all its objects begin with.
    fileprivate var folder: String { source(of: address.scheme == .local ? "" : address.path) }

    /// The key of an object that has this source.
    fileprivate func key(of source: String) -> String {
        String(decoding: source.utf8.dropFirst(self.source(of: "").utf8.count), as: UTF8.self)
    }
}
