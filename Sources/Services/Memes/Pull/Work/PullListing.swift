import Database
import Jobs
import Kernel
import ObjectStore

/// Lists a source, a page for each job: the page's objects and the place where the listing goes on are written in one
/// transaction, so a crash lists a page again and never skips or doubles an object.
struct PullListing: Sendable {
    let parts: PullParts
    let maxFileBytes: Int

    private static let page = 1000

    func run(_ id: ID<Pull>) async throws -> JobEffect {
        guard let pull = try await parts.pulls.find(id), pull.state == .running, !pull.isListed else {
            return effect(of: id, nil)
        }
        let source = try parts.sources.open(pull.address, profile: pull.profile)
        let page = try await source.list(after: pull.lastKey, limit: Self.page)
        let filter = PullFilter(address: pull.address, options: pull.options, maxFileBytes: maxFileBytes)
        let wanted = page.objects.filter { filter.isWanted($0.key) }
        let unchanged =
            pull.options.isForced ? [] : try await parts.items.unchanged(wanted, source: pull.source(of:))
        let candidates = wanted.map { object in
            (
                object,
                filter.skipReason(object.key, size: object.size) ?? (unchanged.contains(object.key) ? .unchanged : nil),
            )
        }
        return effect(of: id, Page(candidates: candidates, last: page.objects.last?.key, isLast: page.next == nil))
    }

    /// What a try that is repeated leaves for people to read.
    func retried(_ id: ID<Pull>, _ failure: JobFailure, _ transaction: any Transaction) throws {
        try parts.pulls.setError(failure.code, failure.message, of: id, in: transaction)
    }

    func givenUp(_ id: ID<Pull>, _ failure: JobFailure, _ transaction: any Transaction) throws {
        guard let pull = try parts.pulls.lock(id, at: parts.time.now, in: transaction), pull.state == .running else {
            return
        }
        try parts.pulls.setError(failure.code, failure.message, of: id, in: transaction)
        try parts.pulls.set(.failed, of: id, at: parts.time.now, in: transaction)
    }

    private struct Page: Sendable {
        let candidates: [(object: SourceObject, skip: PullItem.SkipReason?)]
        let last: String?
        let isLast: Bool
    }

    /// Writes the page, if the pull still runs, and lets the listing go on. A pull that was paused and resumed
    /// meanwhile has no other job for that.
    private func effect(of id: ID<Pull>, _ page: Page?) -> JobEffect {
        { [self] transaction in
            let now = parts.time.now
            guard let pull = try parts.pulls.lock(id, at: now, in: transaction), pull.state == .running, !pull.isListed
            else { return }
            guard let page else { return try parts.enqueueListing(of: id, in: transaction) }
            let taken = try pull.options.maxImages == nil ? 0 : parts.items.countTaken(by: id, in: transaction)
            let (found, isFull) = batched(page.candidates, pull, taken: taken)
            let isListed = page.isLast || isFull
            let batches = found.filter { $0.skip == nil }.map(\.batch)
            let added = try parts.items.insert(found, of: id, at: now, in: transaction)
            try parts.pulls.advance(
                id,
                to: page.last,
                isListed: isListed,
                adding: added,
                batches: max(pull.batches, (batches.last ?? 0) + 1),
                in: transaction,
            )
            for batch in Set(batches).sorted() { try parts.enqueueBatch(batch, of: id, in: transaction) }
            if isListed {
                try parts.finishIfDone(pull, isListed: true, in: transaction)
            } else {
                try parts.enqueueListing(of: id, in: transaction)
            }
        }
    }

    /// The objects with their batches, which begin anew with each page; and whether as many are listed as are wanted.
    private func batched(
        _ candidates: [(object: SourceObject, skip: PullItem.SkipReason?)],
        _ pull: Pull,
        taken: Int,
    ) -> (found: [PullItemStore.Found], isFull: Bool) {
        var found: [PullItemStore.Found] = []
        var pictures = 0
        for (object, skip) in candidates {
            if let most = pull.options.maxImages, taken + pictures >= most { return (found, true) }
            let batch = pull.batches + pictures / pull.options.batchSize
            found.append(PullItemStore.Found(object: object, batch: batch, skip: skip))
            if skip == nil { pictures += 1 }
        }
        return (found, false)
    }
}
