import Database
import Kernel

/// What each model took today, in the database: a restart must not forget a day's quota, nor money.
struct UsageStore: Sendable {
    /// A day of a model.
    struct Day: Sendable, Hashable {
        var requests = 0
        var images = 0
        var errors = 0
        var inputTokens = 0
        var outputTokens = 0
        var cost = 0.0
    }

    let database: any Database

    /// Counts a request and its pictures before it is sent, unless that would be more than the day allows.
    ///
    /// - Returns: Whether it may be sent.
    func reserve(_ name: ModelName, _ day: QuotaDay, images: Int, _ quota: ModelQuota) async throws -> Bool {
        let maxRequests = quota.requestsPerDay ?? Int.max
        let maxImages = quota.imagesPerDay ?? Int.max
        guard images <= maxImages else { return false }
        let sql: SQL = """
            INSERT INTO model_usage
                (provider, model, day, requests, images, errors, input_tokens, output_tokens, cost_micros)
            VALUES (\(name.provider), \(name.model), \(day.name), 1, \(images), 0, 0, 0, 0)
            ON CONFLICT (provider, model, day) DO UPDATE SET
                requests = model_usage.requests + 1, images = model_usage.images + \(images)
            WHERE model_usage.requests < \(maxRequests) AND model_usage.images <= \(maxImages - images)
            """
        return try await database.execute(sql) == 1
    }

    /// Takes back what was counted for a request that was never sent.
    func giveBack(_ name: ModelName, _ day: QuotaDay, images: Int) async throws {
        try await database.execute(
            """
            UPDATE model_usage SET requests = requests - 1, images = images - \(images)
            WHERE provider = \(name.provider) AND model = \(name.model) AND day = \(day.name) AND requests > 0
            """
        )
    }

    /// Adds what a request took, once that is known.
    func settle(_ name: ModelName, _ day: QuotaDay, _ usage: ModelUsage, isError: Bool) async throws {
        try await database.execute(
            """
            UPDATE model_usage SET errors = errors + \(isError ? 1 : 0), input_tokens = input_tokens + \(usage.inputTokens),
                output_tokens = output_tokens + \(usage.outputTokens),
                cost_micros = cost_micros + \(Int64((usage.cost * 1e6).rounded()))
            WHERE provider = \(name.provider) AND model = \(name.model) AND day = \(day.name)
            """
        )
    }

    /// What a model took on a day.
    func day(_ name: ModelName, _ day: QuotaDay) async throws -> Day {
        let sql: SQL = """
            SELECT requests, images, errors, input_tokens, output_tokens, cost_micros FROM model_usage
            WHERE provider = \(name.provider) AND model = \(name.model) AND day = \(day.name)
            """
        guard let row = try await database.first(sql) else { return Day() }
        let cost: Int64 = try row.get("cost_micros")
        return Day(
            requests: try row.get("requests"),
            images: try row.get("images"),
            errors: try row.get("errors"),
            inputTokens: try row.get("input_tokens"),
            outputTokens: try row.get("output_tokens"),
            cost: Double(cost) / 1e6,
        )
    }

    /// What all models cost on a day.
    func cost(on day: QuotaDay) async throws -> Double {
        let sql: SQL = """
            SELECT CAST(COALESCE(SUM(cost_micros), 0) AS BIGINT) AS cost FROM model_usage WHERE day = \(day.name)
            """
        let cost: Int64 = try await database.first(sql)?.get("cost") ?? 0
        return Double(cost) / 1e6
    }
}
