import HTTPServer
import Kernel

/// The dashboard's data; its page stands with the other pages.
struct DashboardRoutes: Sendable {
    let data: DashboardData
    let time: any TimeSource

    /// `GET /dashboard/data`
    func show(_ request: Request) async throws -> Response { .json(try await data.json()) }

    /// `GET /dashboard/events`: the same as an event every two seconds, for the page.
    func events(_ request: Request) async throws -> Response {
        .events { [data, time] writer in
            while true {
                try await writer.send(event: "data", data: data.json().text)
                try await time.sleep(until: time.now + .seconds(2))
            }
        }
    }
}
