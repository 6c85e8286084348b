import Database
import Kernel

/// One request: some pictures, one language. What it tells of its state follows from its pictures.
package struct TranslationTask: Sendable, Equatable {
    package let id: ID<TranslationTask>
    /// Who asked; nobody else sees it.
    let owner: String
    /// BCP 47.
    let target: String
    /// BCP 47; `nil` when it shall be found out.
    let source: String?
    /// Who shall translate; `nil` for whoever can.
    let provider: String?
    let options: TranslationOptions
    let webhookURL: String?
    let images: Int
    /// What came with the pictures and is none.
    let skipped: [SkippedFile]
    /// The results that a poll without a cursor has told already.
    let delivered: Int
    let createdAt: Timestamp
    let expiresAt: Timestamp
    /// Until when the first choice of providers is waited for; `nil` for as long as it takes.
    let deadline: Timestamp?

    static let columns: SQL = """
        id, owner, target, source, provider, options, webhook_url, images, skipped, delivered, created_at, expires_at,
        deadline_at
        """

    init(row: Row) throws {
        id = try row.get("id")
        owner = try row.get("owner")
        target = try row.get("target")
        source = try row.get("source")
        provider = try row.get("provider")
        options = TranslationOptions(json: try row.get("options"))
        webhookURL = try row.get("webhook_url")
        images = try row.get("images")
        skipped = try row.get("skipped", as: JSON.self).array?.compactMap(SkippedFile.init(json:)) ?? []
        delivered = try row.get("delivered")
        createdAt = try row.get("created_at")
        expiresAt = try row.get("expires_at")
        deadline = try row.get("deadline_at")
    }
}

/// A picture of a task: the unit of work.
package struct TranslationImage: Sendable, Equatable {
    /// Where the work stands.
    package enum State: String, Sendable, CaseIterable, SQLBindable, SQLDecodable {
        case queued, reading, translating, rendering, completed, failed, cancelled

        package var isFinal: Bool { [.completed, .failed, .cancelled].contains(self) }
    }

    /// That of the stored picture.
    package let id: ID<TranslationImage>
    package let task: ID<TranslationTask>
    /// From 0.
    package let position: Int
    package let state: State
    /// Whose it is, for limits and turns.
    let client: String
    /// Its place among the results of its task when it got its own or was last edited; 0 before.
    let seq: Int
    /// Grows with every rendering; files carry it in their names.
    let revision: Int
    let contentHash: String
    /// Of what the picture is still to be made; `nil` once it is there.
    let sent: SentFile?
    package let fileName: String
    /// 0 until a page is drawn.
    let width: Int
    let height: Int
    /// The language that was found, BCP 47.
    let source: String?
    package let provider: String?
    let model: String?
    /// In the currency of the models' prices.
    let cost: Double
    package var blocks: [TranslatedBlock]
    /// What is to be known of the result, such as `machine_translation`.
    package let flags: [String]
    let errorCode: String?
    package let error: String?
    let startedAt: Timestamp?
    let completedAt: Timestamp?

    static let columns: SQL = """
        id, task_id, position, state, client, seq, revision, content_hash, sent_key, sent_page, file_name, width_px,
        height_px, source, provider, model, cost, blocks, flags, error_code, error, started_at, completed_at
        """

    init(row: Row) throws {
        id = try row.get("id")
        task = try row.get("task_id")
        position = try row.get("position")
        state = try row.get("state")
        client = try row.get("client")
        seq = try row.get("seq")
        revision = try row.get("revision")
        contentHash = try row.get("content_hash")
        sent = try SentFile(row: row)
        fileName = try row.get("file_name")
        width = try row.get("width_px")
        height = try row.get("height_px")
        source = try row.get("source")
        provider = try row.get("provider")
        model = try row.get("model")
        cost = try row.get("cost")
        let blocks: JSON? = try row.get("blocks")
        self.blocks = blocks?.array?.compactMap(TranslatedBlock.init(json:)) ?? []
        flags = try row.get("flags", as: JSON.self).array?.compactMap(\.string) ?? []
        errorCode = try row.get("error_code")
        error = try row.get("error")
        startedAt = try row.get("started_at")
        completedAt = try row.get("completed_at")
    }

    /// What is written on it in the other language, block after block.
    package var translatedText: String {
        blocks.sorted { $0.order < $1.order }.map(\.shown).joined(separator: "\n")
    }
}

/// A task with its pictures, in order, and what follows from them.
package struct TaskState: Sendable, Equatable {
    /// The original's four words.
    package enum Status: String, Sendable {
        case pending, processing, completed, failed
    }

    package let task: TranslationTask
    package let images: [TranslationImage]

    package var finished: Int { images.count { $0.state.isFinal } }
    package var isFinal: Bool { finished == images.count }
    /// The number of the latest result among these pictures. The task's own row is read at another moment: a poll that
    /// goes on from its number would be told a result twice.
    package var seq: Int { images.map(\.seq).max() ?? 0 }
    var succeeded: Int { images.count { $0.state == .completed } }

    /// Completed when every picture is finished and one at least succeeded, failed when none did.
    package var status: Status {
        if isFinal { return succeeded > 0 ? .completed : .failed }
        return images.allSatisfy { $0.state == .queued } ? .pending : .processing
    }

    var startedAt: Timestamp? { images.compactMap(\.startedAt).min() }
    var completedAt: Timestamp? { isFinal ? images.compactMap(\.completedAt).max() : nil }
}
