import Foundation
import Kernel
import TestSupport
import Testing

@testable import HTTPServer

@Suite(.timeLimit(.minutes(5))) struct DifferentialTests {
    /// Tells what the server read, in a form that `compare_heads.py` reads.
    private static func tell(_ request: Request, _ exchange: Exchange?) -> Response {
        let framing =
            switch request.body.length {
            case 0: "none"
            case let length?: "length \(length)"
            case nil: "chunked"
            }
        var lines = [
            Array(request.method.rawValue.utf8).hexadecimal, Array(request.target.utf8).hexadecimal,
            exchange?.isVersion11 == true ? "1.1" : "1.0", framing,
        ]
        let headers = request.headers
        for field in headers.fields {
            let name = headers.bytes[Int(field.nameStart)..<Int(field.nameStart + field.nameLength)]
            let value = headers.bytes[Int(field.valueStart)..<Int(field.valueStart + field.valueLength)]
            lines.append("\(Array(name).hexadecimal):\(Array(value).hexadecimal)")
        }
        // In a header, because HEAD has no body.
        return Response(headers: ["X-Read": lines.joined(separator: "|")])
    }

    @Test func `what is accepted means the same to httptools`() async throws {
        try await withServer(handler: { request in
            if let problem = request.targetProblem { return .problem(problem) }
            return Self.tell(request, request.control as? Exchange)
        }) { server in
            let run = try await runProgram([
                repositoryRoot + "/.pictor/venv/bin/python",
                URL(filePath: #filePath).deletingLastPathComponent().path + "/compare_heads.py", "\(server.port)",
                "3000", "7",
            ])
            #expect(run.code == 0, "\(run.output)")
            print("differential: \(run.output)")
        }
    }
}
