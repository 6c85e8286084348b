import HTTPServer
import Kernel
import Synchronization

/// Our own server on a free port of 127.0.0.1; ends with its last reference.
package final class LocalServer: Sendable {
    /// Such as `http://127.0.0.1:40123`.
    package let url: String
    private let running: Task<Void, any Error>

    package init(_ build: (inout Router) -> Void) throws {
        var router = Router()
        build(&router)
        var settings = ServerSettings()
        settings.port = 0
        settings.drainGrace = .zero
        let server = try Server(settings: settings, handler: router.handler)
        try server.bind()
        url = "http://127.0.0.1:\(server.port)"
        running = Task { try await server.run() }
    }

    deinit { running.cancel() }
}

/// A service that is asked for permissions and answers as the test says.
package final class PermissionServer: Sendable {
    package enum Reply: Sendable {
        case allowed, denied
        /// Never answers.
        case silence
        case status(Int, body: String = "")
    }

    /// The bodies of all calls so far, in order.
    package let questions: Recorder<JSON>
    /// The `traceparent` of each call that had one.
    package let traces: Recorder<String>
    /// The calls as a count that can be waited for.
    package let calls: Tally
    private let decide: Box<@Sendable (JSON) -> Reply>
    private let hold: Box<Gate?>
    private let server: LocalServer

    /// `reply` answers until ``answer(_:)`` says otherwise.
    package init(_ reply: Reply = .allowed) throws {
        let (questions, traces, calls) = (Recorder<JSON>(), Recorder<String>(), Tally())
        let decide = Box<@Sendable (JSON) -> Reply> { _ in reply }
        let hold = Box<Gate?>(nil)
        server = try LocalServer { router in
            router.post("/api/v1/authorization/check") { request in
                let question = try JSON(parsing: try await request.body.collect(upTo: 65_536))
                questions.add(question)
                if let trace = request.headers["traceparent"] { traces.add(trace) }
                calls.add()
                await hold.value?.pass()
                switch decide.value(question) {
                case .allowed: return .json(["allowed": true])
                case .denied: return .json(["allowed": false, "reason": "not a member"], status: 403)
                case .status(let status, let body): return .text(body, status: status)
                case .silence:
                    await park()
                    return .text("")
                }
            }
        }
        (self.questions, self.traces, self.calls, self.decide, self.hold) = (questions, traces, calls, decide, hold)
    }

    package var url: String { server.url }

    package func answer(_ reply: Reply) { decide.value = { _ in reply } }

    /// Answers depending on what is asked.
    package func answer(_ decide: @escaping @Sendable (JSON) -> Reply) { self.decide.value = decide }

    /// Lets every call wait until the gate opens.
    package func hold(_ gate: Gate) { hold.value = gate }
}

/// A value that tests change while others read it.
package final class Box<Value: Sendable>: Sendable {
    private let content: Mutex<Value>
    package init(_ value: Value) { content = Mutex(value) }
    package var value: Value {
        get { content.withLock { $0 } }
        set { content.withLock { $0 = newValue } }
    }
}
