import Database
import Kernel
import Testing

@testable import Translation

extension TranslationHouse {
    /// A task of which only the rows are there, and nobody works on it.
    func insert(
        _ task: ID<TranslationTask>,
        images count: Int = 1,
        webhook: String? = nil,
        isAccepted: Bool = true,
        retention: Duration = .seconds(86_400),
    ) async throws -> [ID<TranslationImage>] {
        let (parts, now) = (translation.stageParts, time.now)
        let new = NewTask(
            id: task,
            owner: "asker",
            target: try #require(Language("es")),
            source: nil,
            provider: nil,
            options: TranslationOptions(),
            webhookURL: webhook,
            images: count,
            bytes: 0,
            skipped: [],
            createdAt: now,
            expiresAt: now + retention,
            deadline: nil,
        )
        let images = (0..<count).map { position in
            NewTranslationImage(
                id: ID(),
                task: task,
                position: position,
                contentHash: "\(position)",
                sent: nil,
                fileName: "\(position).png",
                width: 10,
                height: 10,
            )
        }
        try await database.transaction { transaction in
            try parts.tasks.insert(new, in: transaction)
            for image in images { try parts.images.insert(image, in: transaction) }
            if isAccepted { try parts.tasks.accept(new, in: transaction) }
        }
        return images.map(\.id)
    }
}
