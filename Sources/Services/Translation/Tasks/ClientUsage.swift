import Database
import Kernel

/// What clients had translated on a day (UTC), and what was billed for it. It is counted where one of them has a limit.
struct ClientUsage: Sendable {
    /// Of a client and a day; 0 for any number.
    struct Limits: Sendable {
        var images = 0
        /// In the currency of the models' prices.
        var cost = 0.0

        var areSet: Bool { images > 0 || cost > 0 }
    }

    let database: any Database
    let limits: Limits

    /// Counts the pictures of a new task.
    ///
    /// - Throws: ``TranslationError/dailyLimit(_:until:now:)`` when the client may not have so many, or has spent its money.
    func take(_ images: Int, of client: String, at now: Timestamp, in transaction: any Transaction) throws {
        guard limits.areSet else { return }
        let row = try transaction.first(
            """
            INSERT INTO translation_usage (client, day, images) VALUES (\(client), \(now.day), \(images))
            ON CONFLICT (client, day) DO UPDATE SET images = translation_usage.images + excluded.images
            RETURNING images, cost
            """
        )
        guard let row else { return }
        let end = Timestamp(milliseconds: (now.day + 1) * Timestamp.dayLength)
        if limits.images > 0, try row.get("images", as: Int.self) > limits.images {
            throw TranslationError.dailyLimit(.images(limits.images), until: end, now: now)
        }
        if limits.cost > 0, try row.get("cost", as: Double.self) >= limits.cost {
            throw TranslationError.dailyLimit(.money, until: end, now: now)
        }
    }

    /// Notes what was billed for a picture, for it and for its client.
    func bill(
        _ cost: Double,
        for image: ID<TranslationImage>,
        at now: Timestamp,
        in transaction: any Transaction,
    ) throws {
        guard cost > 0 else { return }
        try transaction.execute("UPDATE translation_image SET cost = cost + \(cost) WHERE id = \(image)")
        guard limits.areSet else { return }
        try transaction.execute(
            """
            INSERT INTO translation_usage (client, day, cost)
            SELECT client, CAST(\(now.day) AS BIGINT), CAST(\(cost) AS DOUBLE PRECISION) FROM translation_image
            WHERE id = \(image)
            ON CONFLICT (client, day) DO UPDATE SET cost = translation_usage.cost + excluded.cost
            """
        )
    }

    /// Whether models may be asked for a picture: its client has money left today.
    func mayPay(for image: ID<TranslationImage>, at now: Timestamp) async throws -> Bool {
        guard limits.cost > 0 else { return true }
        let row = try await database.first(
            """
            SELECT cost FROM translation_usage
            WHERE day = \(now.day) AND client = (SELECT client FROM translation_image WHERE id = \(image))
            """
        )
        return try row?.get("cost", as: Double.self) ?? 0 < limits.cost
    }

    /// Forgets the days before yesterday.
    func sweep(at now: Timestamp) async throws {
        try await database.execute("DELETE FROM translation_usage WHERE day < \(now.day - 1)")
    }
}

extension Timestamp {
    fileprivate static let dayLength: Int64 = 86_400_000
    /// Days since 1970.
    fileprivate var day: Int64 { milliseconds / Self.dayLength }
}
