import Database
import Kernel
import Telemetry

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
    let log: Log

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
        if let row { try require(row.get("images"), row.get("cost"), at: now) }
    }

    /// Looks whether the client may have so many pictures, before anything is stored; ``take(_:of:at:in:)`` decides.
    ///
    /// - Throws: As that.
    func check(_ images: Int, of client: String, at now: Timestamp) async throws {
        guard limits.areSet else { return }
        let row = try await database.lookup(
            "SELECT images, cost FROM translation_usage WHERE client = \(client) AND day = \(now.day)"
        )
        try require((row?.get("images") ?? 0) + images, row?.get("cost") ?? 0, at: now)
    }

    private func require(_ images: Int, _ cost: Double, at now: Timestamp) throws {
        let end = Timestamp(milliseconds: (now.day + 1) * Timestamp.dayLength)
        if limits.images > 0, images > limits.images {
            throw TranslationError.dailyLimit(.images(limits.images), until: end, now: now)
        }
        if limits.cost > 0, cost >= limits.cost {
            throw TranslationError.dailyLimit(.money, until: end, now: now)
        }
    }

    /// Notes what was billed for a picture, for it and for its client. The picture may be gone; a cancelled task may call
    /// this. An answer that was paid for is not thrown away because that cannot be noted.
    func bill(_ cost: Double, for image: TranslationImage, at now: Timestamp) async {
        let limits = limits
        do {
            try await database.transaction { transaction in
                try transaction.execute("UPDATE translation_image SET cost = cost + \(cost) WHERE id = \(image.id)")
                guard limits.areSet else { return }
                try transaction.execute(
                    """
                    INSERT INTO translation_usage (client, day, cost) VALUES (\(image.client), \(now.day), \(cost))
                    ON CONFLICT (client, day) DO UPDATE SET cost = translation_usage.cost + excluded.cost
                    """
                )
            }
        } catch {
            log.error(
                "cost of a picture not booked",
                ["image.id": "\(image.id)", "cost": "\(cost)", "error": "\(error)"],
            )
        }
    }

    /// Whether models may be asked for a client: it has money left today.
    func mayPay(_ client: String, at now: Timestamp) async throws -> Bool {
        guard limits.cost > 0 else { return true }
        let row = try await database.lookup(
            "SELECT cost FROM translation_usage WHERE client = \(client) AND day = \(now.day)"
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
