import Accounts
import Kernel
import Telemetry

/// Who made, edited and deleted tasks, for audits: lines of the log, which outlive the tasks.
struct TaskTrail: Sendable {
    let log: Log

    /// Notes what `principal` has done; `pictures` is how many are concerned, `nil` for the whole task.
    func note(_ event: StaticString, _ task: ID<TranslationTask>, by principal: Principal, pictures: Int? = nil) {
        var log = log.with(["task.id": "\(task)", "user.id": principal.subject])
        if case .apiKey(let key) = principal.proof { log = log.with(["key.id": "\(key)"]) }
        if let pictures { log = log.with(["pictures": "\(pictures)"]) }
        log.info(event)
    }
}
