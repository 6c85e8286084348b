import Database
import Jobs
import Kernel
import ObjectStore

/// Begins pulls and steers them.
struct PullService: Sendable {
    let parts: PullParts
    let maxFileBytes: Int

    /// What somebody asks for.
    struct Request: Sendable {
        let address: PullAddress
        var profile = PullSettings.standardProfile
        var options = PullOptions()
        /// Who asks.
        let owner: String
        var idempotencyKey: String?
    }

    /// What a source holds, as far as it was looked at.
    struct Estimate: Sendable, Equatable {
        /// Objects whose names are those of pictures.
        var images = 0
        /// Whether all of the source was looked at.
        var isExact = false
    }

    private static let estimatePages = 10
    private static let estimateTime = Duration.seconds(2)

    /// Looks at the first pages of the source, for at most two seconds.
    ///
    /// - Throws: ``PullError`` when the source may not be read or cannot be.
    func estimate(_ request: Request) async throws -> Estimate {
        let source = try parts.sources.open(request.address, profile: request.profile)
        let filter = PullFilter(address: request.address, options: request.options, maxFileBytes: maxFileBytes)
        let start = parts.time.now
        var estimate = Estimate()
        var last: String?
        for _ in 0..<Self.estimatePages {
            let page: SourcePage
            do {
                page = try await source.list(after: last, limit: 1000)
            } catch {
                throw PullError.sourceUnavailable(reason: error.message)
            }
            estimate.images += page.objects.count { filter.isWanted($0.key) && filter.looksLikePicture($0.key) }
            last = page.next
            if last == nil { break }
            if parts.time.now - start >= Self.estimateTime { break }
        }
        estimate.isExact = last == nil
        if let most = request.options.maxImages, estimate.images > most {
            estimate = Estimate(images: most, isExact: true)
        }
        return estimate
    }

    /// Begins a pull.
    ///
    /// - Returns: The new pull, or the one that a request with the same `Idempotency-Key` has begun.
    /// - Throws: ``PullError/alreadyRunning(_:)``, ``PullError/keyReused``.
    func begin(_ request: Request) async throws -> (id: ID<Pull>, isReplay: Bool) {
        let new = NewPull(
            address: request.address,
            profile: request.profile,
            options: request.options,
            owner: request.owner,
            idempotencyKey: request.idempotencyKey,
        )
        return try await parts.pulls.database.transaction { [self] transaction in
            if let id = try known(new, in: transaction) { return (id, true) }
            guard try parts.pulls.insert(new, at: parts.time.now, in: transaction) else {
                // Another process was quicker: now its row can be seen.
                guard let id = try known(new, in: transaction) else { throw PullError.notFound }
                return (id, true)
            }
            try parts.enqueueListing(of: new.id, in: transaction)
            return (new.id, false)
        }
    }

    /// The pull that the same request has begun.
    ///
    /// - Throws: ``PullError/alreadyRunning(_:)`` when another request has begun the same.
    private func known(_ new: NewPull, in transaction: any Transaction) throws -> ID<Pull>? {
        if let key = new.idempotencyKey,
            let known = try parts.pulls.find(owner: new.owner, idempotencyKey: key, in: transaction)
        {
            guard known.fingerprint == new.fingerprint else { throw PullError.keyReused }
            return known.id
        }
        if let running = try parts.pulls.unfinished(fingerprint: new.fingerprint, in: transaction) {
            throw PullError.alreadyRunning(running)
        }
        return nil
    }

    /// Ends a pull now; what it has stored stays.
    func cancel(_ id: ID<Pull>) async throws {
        try await change(id, from: [.running, .paused]) { [parts] pull, now, transaction in
            try parts.items.end(nil, of: id, as: .cancelled, nil, nil, at: now, in: transaction)
            try parts.pulls.set(.cancelled, of: id, at: now, in: transaction)
        }
    }

    /// Lets nothing more be listed or fetched until ``resume(_:)``.
    func pause(_ id: ID<Pull>) async throws {
        try await change(id, from: [.running]) { [parts] pull, now, transaction in
            try parts.pulls.set(.paused, of: id, at: now, in: transaction)
        }
    }

    /// Lets a paused pull go on.
    func resume(_ id: ID<Pull>) async throws {
        try await change(id, from: [.paused]) { [self] pull, now, transaction in
            try goOn(pull, at: now, in: transaction)
        }
    }

    /// Lets failed objects be fetched again, and a listing that was given up go on.
    ///
    /// - Parameters:
    ///   - id: The pull.
    ///   - states: ``PullItem/State/failed``, ``PullItem/State/dead`` or both.
    ///   - keys: Only these; empty for all.
    /// - Returns: How many objects.
    /// - Throws: ``PullError/alreadyRunning(_:)`` when the same is being pulled anew, ``PullError/wrongState(_:)``.
    func retry(_ id: ID<Pull>, states: [PullItem.State], keys: [String]) async throws -> Int {
        try await change(id, from: [.running, .paused, .done, .failed]) { [self] pull, now, transaction in
            let count = try parts.items.revive(id, states: states, keys: keys, at: now, in: transaction)
            let isPaused = pull.state == .paused
            guard !isPaused, count > 0 || pull.state == .failed else { return count }
            let isOther = try parts.pulls.unfinished(fingerprint: pull.fingerprint, in: transaction)
            if let isOther, isOther != id { throw PullError.alreadyRunning(isOther) }
            try goOn(pull, at: now, in: transaction)
            return count
        }
    }

    private func goOn(_ pull: Pull, at now: Timestamp, in transaction: any Transaction) throws {
        try parts.pulls.set(.running, of: pull.id, at: now, in: transaction)
        if !pull.isListed { try parts.enqueueListing(of: pull.id, in: transaction) }
        let waiting = try parts.items.waiting(pull.id, in: transaction)
        for (batch, due) in waiting { try parts.enqueueBatch(batch, of: pull.id, notBefore: due, in: transaction) }
        if pull.isListed && waiting.isEmpty { try parts.finish(pull, in: transaction) }
    }

    @discardableResult
    private func change<Value: Sendable>(
        _ id: ID<Pull>,
        from states: [PullState],
        _ body: @escaping @Sendable (Pull, Timestamp, any Transaction) throws -> Value,
    ) async throws -> Value {
        try await parts.pulls.database.transaction { [parts] transaction in
            let now = parts.time.now
            guard let pull = try parts.pulls.lock(id, at: now, in: transaction) else { throw PullError.notFound }
            guard states.contains(pull.state) else { throw PullError.wrongState(pull.state) }
            return try body(pull, now, transaction)
        }
    }
}
