import HTTPClient
import Kernel

/// Sends one picture to a server and follows its job.
struct PictureSender: Sendable {
    struct Result: Sendable {
        let path: String
        let image: String?
        /// Why it is not there; `nil` when it is.
        let problem: String?

        var json: JSON { ["path": JSON(path), "image_id": JSON(image), "error": JSON(problem)] }
    }

    let url: String
    let token: String?
    let bucket: String
    /// Whether a picture whose end is missing will do.
    let isLenient: Bool
    /// Whether the job is followed to its end.
    let waits: Bool
    private let client = HTTPClient()

    init(url: String, token: String?, bucket: String, isLenient: Bool, waits: Bool) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.token = token
        self.bucket = bucket
        self.isLenient = isLenient
        self.waits = waits
    }

    func send(_ path: String) async -> Result {
        do {
            let accepted = try await upload(path)
            guard waits, let job = accepted["job_id"]?.string else { return result(path, accepted) }
            return result(path, try await follow(job))
        } catch let error as any Failure {
            return Result(path: path, image: nil, problem: error.message)
        } catch let error as CommandFailure {
            return Result(path: path, image: nil, problem: error.description)
        } catch {
            return Result(path: path, image: nil, problem: "\(error)")
        }
    }

    private func upload(_ path: String) async throws -> JSON {
        let filename = path.split(separator: "/").last.map(String.init) ?? path
        let fields = [HTTPFormPart.text("bucket", bucket)] + (isLenient ? [.text("lenient", "1")] : [])
        var request = HTTPRequest(
            .post,
            "\(url)/api/v1/images/upload",
            body: .multipart(fields + [HTTPFormPart("file", .file(path), filename: filename)]),
            timeouts: HTTPTimeouts(total: nil),
        )
        request.headers["Authorization"] = token.map { "Bearer \($0)" }
        return try body(of: try await client.send(request), expected: 202)
    }

    private func follow(_ job: String) async throws -> JSON {
        while true {
            let request = HTTPRequest(
                .get,
                "\(url)/api/v1/images/jobs/\(job)?wait=30",
                timeouts: HTTPTimeouts(idle: .seconds(45)),
            )
            let state = try body(of: try await client.send(request), expected: 200)
            switch state["status"]?.string {
            case "completed": return state
            case "failed": throw CommandFailure(state["error"]?.string ?? "the server could not process it")
            default: continue
            }
        }
    }

    private func body(of response: HTTPResponse, expected: Int) throws -> JSON {
        let body = (try? JSON(parsing: response.body)) ?? .null
        guard response.status == expected else {
            throw CommandFailure(
                body["error"]?.string ?? body["detail"]?.string ?? "the server answered \(response.status)"
            )
        }
        return body
    }

    private func result(_ path: String, _ state: JSON) -> Result {
        Result(path: path, image: state["image_id"]?.string, problem: nil)
    }
}
