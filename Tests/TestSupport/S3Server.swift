import FoundationEssentials
import HTTPClient
import Kernel

/// The S3 of a test run: moto behind a proxy that checks every signature. One per test process, gone with it.
package final class S3Server: Sendable {
    /// The one of this process, started when it is first asked for.
    package static let shared = Task { try await S3Server() }

    /// What every test may sign with.
    package static let credentials = SigV4Credentials(accessKey: "test-access", secretKey: Secret("test-secret"))
    /// Credentials that need their session token.
    package static let temporaryCredentials = SigV4Credentials(
        accessKey: "temporary-access",
        secretKey: Secret("temporary-secret"),
        sessionToken: Secret("temporary-token/+=="),
    )
    package static let region = "us-east-1"

    /// A sentence for whoever has not installed the server.
    private struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// On loopback, with its own names below `localhost` for buckets in the host.
    package let port: Int
    /// For requests that are no part of what is tested.
    package let client = HTTPClient()
    private let process: ChildProcess

    private init() async throws {
        let python = repositoryRoot + "/.pictor/venv/bin/python3"
        guard FileManager.default.isExecutableFile(atPath: python) else {
            throw Missing(description: "the S3 server of the tests is missing; run script/setup --test")
        }
        process = try ChildProcess(
            [python, "-B", repositoryRoot + "/Tests/ObjectStoreTests/S3/s3_server.py", "--with-parent"],
            environment: ["PATH": "/usr/bin:/bin"],
            folder: "/tmp",
        )
        let line = await process.line { $0.hasPrefix("listening on ") }
        guard let port = line?.split(separator: " ").last.flatMap({ Int($0) }) else {
            throw Missing(description: "the S3 server of the tests did not start: \(process.output)")
        }
        self.port = port
    }

    /// A new, empty bucket.
    package func bucket() async throws -> S3Bucket {
        let bucket = S3Bucket(name: "test-\(UUID().uuidString.lowercased())", server: self)
        try await bucket.administer(.post, "buckets")
        return bucket
    }
}

/// A bucket of one test.
package struct S3Bucket: Sendable {
    package let name: String
    fileprivate let server: S3Server

    /// With the bucket in the path.
    package var endpoint: String { "http://127.0.0.1:\(server.port)" }
    /// With the bucket in the host. Every name below `localhost` is this machine (RFC 6761, 6.3).
    package var hostEndpoint: String { "http://localhost:\(server.port)" }

    /// Lets requests to this bucket go wrong; the fields are told at the top of `s3_server.py`.
    package func fail(_ fault: JSON) async throws { try await administer(.post, "faults", fault) }

    /// Ends all faults of this bucket.
    package func heal() async throws { try await administer(.delete, "faults") }

    /// What was asked of this bucket, oldest first: `method`, `target` and `headers` with small names.
    package func requests() async throws -> [JSON] {
        try await JSON(parsing: administer(.get, "requests")).array ?? []
    }

    @discardableResult
    fileprivate func administer(_ method: HTTPMethod, _ what: String, _ body: JSON? = nil) async throws -> [UInt8] {
        var request = HTTPRequest(method, "\(endpoint)/_test/\(what)/\(name)")
        if let body { request.body = .bytes(body.bytes) }
        return try await server.client.send(request).body
    }
}
