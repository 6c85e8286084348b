import Foundation
import TestSupport
import Testing

/// Several processes on PostgreSQL, Redis and S3, broken while clients upload: a short `script/chaos`.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct ClusterTests {
    @Test func everyKindOfFaultLosesNothing() async throws {
        let chaos = "\(repositoryRoot)/Tests/Cluster/chaos.py"
        let run = try await runProgram(
            [
                "\(repositoryRoot)/.pictor/venv/bin/python", "-B", chaos, "--minutes", "0", "--serve", "2", "--worker",
                "2", "--clients", "2", "--rest", "0.5", "--hold", "2", "--lease", "5s", "--untimed", "--binary", binary,
            ],
            atMost: 540,
        )
        #expect(run.code == 0, "\(run.output.suffix(6000))")
        #expect(run.output.contains("Every acknowledged picture is complete exactly once"))
    }
}
