import Database
import Jobs
import Kernel
import ObjectStore
import Telemetry

/// Fetches the objects of a batch and hands them to the intake. An object and what became of it are written in the
/// transaction of its meme: a crash fetches again only what was not stored.
struct PullFetching: Sendable {
    let parts: PullParts
    let addMeme: AddMeme
    let libraries: LibraryStore
    /// In bytes.
    let maxFileBytes: Int
    /// Objects fetched at once.
    let parallel: Int
    /// Counts objects by what became of them.
    let counter: Counter
    /// 0 to 1, for the jitter of waits.
    let chance: @Sendable () -> Double

    /// How often a batch at work looks whether the pull was stopped.
    private static let watchInterval = Duration.seconds(1)

    func run(_ arguments: FetchPull, _ context: JobContext) async throws -> JobEffect {
        guard let pull = try await parts.pulls.find(arguments.pull), pull.state == .running else {
            return effect(arguments)
        }
        let due = try await parts.items.due(pull.id, batch: arguments.batch, at: parts.time.now)
        guard !due.isEmpty else { return effect(arguments) }
        let now = parts.time.now
        let library: MemeLibrary? =
            if let name = pull.options.library { try await libraries.take(name: name, at: now) } else { nil }
        let source = try parts.sources.open(pull.address, profile: pull.profile)
        let work = Work(pull: pull, source: source, library: library?.id, context: context)
        do {
            try await fetch(due, work)
        } catch is PullStopped {}
        return effect(arguments)
    }

    /// What the batch still waited for is given up with it.
    func givenUp(_ arguments: FetchPull, _ failure: JobFailure, _ transaction: any Transaction) throws {
        let now = parts.time.now
        guard let pull = try parts.pulls.lock(arguments.pull, at: now, in: transaction) else { return }
        try parts.items.end(
            arguments.batch,
            of: pull.id,
            as: failure.isPermanent ? .failed : .dead,
            failure.code,
            failure.message,
            at: now,
            in: transaction,
        )
        try parts.finishIfDone(pull, isListed: pull.isListed, in: transaction)
    }

    private struct Work: Sendable {
        let pull: Pull
        let source: any ObjectSource
        let library: ID<MemeLibrary>?
        let context: JobContext
    }

    /// Lets what waits for another try come back in its time; without such, the pull may be done.
    private func effect(_ arguments: FetchPull) -> JobEffect {
        { [self] transaction in
            let now = parts.time.now
            guard let pull = try parts.pulls.lock(arguments.pull, at: now, in: transaction), pull.state == .running
            else { return }
            if let due = try parts.items.due(pull.id, batch: arguments.batch, in: transaction) {
                try parts.enqueueBatch(arguments.batch, of: pull.id, notBefore: due, in: transaction)
            } else {
                try parts.finishIfDone(pull, isListed: pull.isListed, in: transaction)
            }
        }
    }

    /// Some at a time, until all are through or the pull is stopped: then what is under way is broken off.
    private func fetch(_ due: [PullItem], _ work: Work) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await fetchAll(due, work) }
            group.addTask { try await watch(work.pull.id) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func fetchAll(_ due: [PullItem], _ work: Work) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, item) in due.enumerated() {
                if index >= parallel { try await group.next() }
                group.addTask { try await take(item, work) }
            }
            try await group.waitForAll()
        }
    }

    private func watch(_ id: ID<Pull>) async throws {
        while true {
            try await parts.time.sleep(until: parts.time.now + Self.watchInterval)
            guard try await parts.pulls.find(id)?.state == .running else { throw PullStopped() }
        }
    }

    private func take(_ item: PullItem, _ work: Work) async throws {
        do {
            let state = try await store(try await work.source.get(item.key, limit: maxFileBytes), of: item, work)
            counter.add(1, state.rawValue)
        } catch let error as any Failure where !Task.isCancelled && !(error is JobLost) {
            try await record(error, of: item, work)
        }
    }

    private func store(_ bytes: [UInt8], of item: PullItem, _ work: Work) async throws -> PullItem.State {
        let (items, pull, now) = (parts.items, work.pull, parts.time.now)
        var file = AddMeme.File(
            bytes: bytes,
            name: item.key.split(separator: "/").last.map(String.init) ?? item.key,
            source: pull.source(of: item.key),
        )
        file.libraries = work.library.map { [$0] } ?? []
        if !pull.options.tags.isEmpty { file.texts = [MemeText(.keywords, pull.options.tags, by: .human)] }
        file.stages = pull.options.stages
        let hash = Digest.sha256(bytes).hexadecimal
        let added = try await addMeme(file) { added, transaction in
            try work.context.requireHeld(in: transaction)
            let state = added.isNew ? PullItem.State.done : .duplicate
            let isWanted = try items.finish(item, of: pull, as: state, (added.id, hash), at: now, in: transaction)
            guard isWanted else { throw PullStopped() }
        }
        return added.isNew ? .done : .duplicate
    }

    private func record(_ error: any Failure, of item: PullItem, _ work: Work) async throws {
        let now = parts.time.now
        guard let failure = PullFailure(error, attempt: item.attempts + 1, now: now, chance: chance()) else {
            // Our own disk is full or our own store away: nothing of that is the object's fault.
            throw JobSnooze(until: now + max(.seconds(5), error.retryAfter ?? .zero))
        }
        let (items, pull) = (parts.items, work.pull.id)
        try await work.context.transaction { transaction in
            try items.record(failure, of: item, in: pull, at: now, in: transaction)
        }
        if failure.state != .listed { counter.add(1, failure.state.rawValue) }
    }
}
