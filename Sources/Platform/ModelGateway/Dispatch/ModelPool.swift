import Kernel
import Synchronization

/// The same model in several projects of one provider, each with quotas of its own. Calls go around, and pass over
/// projects that said a moment ago how long they are full: with a thousand of them nobody asks a thousand times.
final class ModelPool: Sendable {
    /// Whom to ask.
    enum Turn: Sendable {
        case project(Int)
        case nobody(until: Timestamp, ModelWait)
    }

    /// What a project said.
    private struct Rest: Sendable {
        let until: Timestamp
        let wait: ModelWait
    }

    private struct State {
        /// Whose turn it is.
        var next = 0
        var rests: [Rest?]
    }

    let projects: [ModelEntry]
    private let state: Mutex<State>

    init(_ projects: [ModelEntry]) {
        self.projects = projects
        state = Mutex(State(rests: Array(repeating: nil, count: projects.count)))
    }

    /// Pools of a chain, in the order of their first project.
    static func pools(of chain: [ModelEntry]) -> [ModelPool] {
        var order: [ModelName] = []
        var members: [ModelName: [ModelEntry]] = [:]
        for entry in chain {
            let name = ModelName(provider: entry.provider.section, model: entry.model.name)
            if members[name] == nil { order.append(name) }
            members[name, default: []].append(entry)
        }
        return order.compactMap { members[$0].map(ModelPool.init) }
    }

    /// The next project that may have room, or, when every one has said that it is full, when the first may have some.
    func turn(at now: Timestamp) -> Turn {
        state.withLock { state in
            var first: Rest?
            for step in 0..<projects.count {
                let index = (state.next + step) % projects.count
                guard let rest = state.rests[index], rest.until > now else {
                    state.rests[index] = nil
                    state.next = (index + 1) % projects.count
                    return .project(index)
                }
                if first.map({ rest.until < $0.until }) ?? true { first = rest }
            }
            guard let first else { return .project(0) }
            return .nobody(until: first.until, first.wait)
        }
    }

    /// Passes over a project until then.
    func rest(_ index: Int, until moment: Timestamp, _ wait: ModelWait) {
        state.withLock { $0.rests[index] = Rest(until: moment, wait: wait) }
    }
}
