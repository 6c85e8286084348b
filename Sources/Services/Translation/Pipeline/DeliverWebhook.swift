import HTTPClient
import Jobs
import Kernel
import Telemetry

/// Tells the client's server that a task is finished.
struct DeliverWebhook: JobArguments {
    static let kind = "translation.webhook"
    let task: ID<TranslationTask>
}

/// Signs what webhooks send, so that the receiver knows who speaks. Every task has a secret of its own.
struct WebhookSigner: Sendable {
    private let key: Secret<[UInt8]>

    init(_ key: Secret<[UInt8]>) { self.key = key }

    /// What the client gets with its task's id: 64 hexadecimal digits.
    func secret(of task: ID<TranslationTask>) -> String {
        Digest.hmacSHA256(Array("translation webhook \(task)".utf8), key: key.reveal()).hexadecimal
    }

    /// The value of `X-Pictor-Signature`: `t` is the time in seconds, `v1` the HMAC-SHA-256 of `t`, a point and the body
    /// under the task's secret.
    func signature(of body: [UInt8], _ task: ID<TranslationTask>, at now: Timestamp) -> String {
        let time = "\(now.milliseconds / 1000)"
        let code = Digest.hmacSHA256(Array("\(time).".utf8) + body, key: Array(secret(of: task).utf8))
        return "t=\(time),v1=\(code.hexadecimal)"
    }
}

/// The work of ``DeliverWebhook``.
struct WebhookDelivery: Sendable {
    /// Goes to public addresses only.
    let client: HTTPClient
    let metrics: TranslationMetrics
    let signer: WebhookSigner
    let tasks: TaskStore
    let time: any TimeSource
    let wire: TranslationWire

    /// Over ten hours, so that a receiver that is away for the night's maintenance hears of it.
    static let retry = RetryPolicy.delays([10, 60, 300, 900, 3600, 3 * 3600, 6 * 3600].map { .seconds($0) })

    /// Any answer of 2xx is taken as heard.
    func run(_ arguments: DeliverWebhook) async throws -> JobEffect {
        guard let state = try await tasks.find(arguments.task), let url = state.task.webhookURL else { return noEffect }
        // An operator may have brought a picture back since: its end is told then.
        guard state.isFinal else { return noEffect }
        let body = wire.result(state, base: wire.publicURL ?? "").bytes
        var request = HTTPRequest(
            .post,
            url,
            headers: [
                "Content-Type": "application/json",
                "X-Pictor-Event": "translation.finished",
                "X-Pictor-Signature": signer.signature(of: body, arguments.task, at: time.now),
            ],
            body: .bytes(body),
            timeouts: HTTPTimeouts(total: .seconds(15)),
            maxResponseBytes: 65_536,
        )
        let span = Span.current?.child("webhook", kind: .client)
        request.trace = span?.context
        do {
            let response = try await client.send(request)
            guard response.isSuccess else { throw WebhookRefused(answer: response.status) }
            span?.end()
            metrics.webhooks.add(1, "delivered")
        } catch {
            span?.end(problem: (error as? any Failure)?.code ?? "\(type(of: error))")
            metrics.webhooks.add(1, "failed")
            throw error
        }
        return noEffect
    }
}

/// The receiver did not take it.
private struct WebhookRefused: Failure {
    let answer: Int
    var status: Int { 502 }
    var code: String { "webhook_refused" }
    var message: String { "The webhook answered \(answer)." }
}
