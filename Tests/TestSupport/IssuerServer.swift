import HTTPServer
import Kernel

/// Somebody who signs tokens and publishes the public halves of the keys at `/.well-known/jwks.json`.
package final class IssuerServer: Sendable {
    /// Requests for the keys so far.
    package let fetches = Tally()
    private let body: Box<String>
    private let status = Box(200)
    private let hold = Box<Gate?>(nil)
    private let server: LocalServer

    /// Publishes these keys, see ``SigningKey/jwk(_:)``.
    package init(_ keys: JSON...) throws {
        let (fetches, body, status, hold) = (fetches, Box(set(keys)), status, hold)
        self.body = body
        server = try LocalServer { router in
            router.get("/.well-known/jwks.json") { _ in
                fetches.add()
                await hold.value?.pass()
                return .text(body.value, status: status.value)
            }
        }
    }

    /// Where the keys are.
    package var url: String { server.url + "/.well-known/jwks.json" }

    package func publish(_ keys: JSON...) { body.value = set(keys) }

    /// Answers with this instead of keys.
    package func publish(text: String) { body.value = text }

    /// The status of every answer, 200 in the beginning.
    package func answer(_ status: Int) { self.status.value = status }

    /// Lets every request wait until the gate opens.
    package func hold(_ gate: Gate) { hold.value = gate }
}

private func set(_ keys: [JSON]) -> String { (["keys": .array(keys)] as JSON).text }
