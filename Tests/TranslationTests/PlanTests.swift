import Database
import Kernel
import TestSupport
import Testing

@testable import Translation

/// Queries on tables that grow find their rows by an index, and need no sorting.
@Suite(.timeLimit(.minutes(5))) struct PlanTests {
    struct Query: Sendable, CustomTestStringConvertible {
        let sql: SQL
        let index: String
        var testDescription: String { index }
    }

    static let queries = [
        Query(sql: TranslationImageStore.inWork(of: ID()), index: "translation_image_2"),
        Query(sql: FairTurns.lowest(8), index: "translation_image_by_turn"),
        Query(sql: FairTurns.latest(of: "asker"), index: "translation_image_by_client"),
        Query(sql: TranslationImageStore.latestTimes, index: "translation_image_by_end"),
        Query(sql: TranslationImageStore.finished(since: .now()), index: "translation_image_by_end"),
        Query(sql: TaskStore.newest(of: "asker", limit: 50), index: "translation_task_by_owner"),
        Query(sql: TaskStore.ended(at: .now(), limit: 50), index: "translation_task_by_end"),
        Query(sql: TaskStore.steps(of: [ID(), ID()]), index: "sqlite_autoindex_translation_image"),
        Query(sql: TranslationMemory.outdated(before: .now()), index: "translation_memory_by_time"),
    ]

    @Test(arguments: queries) func byAnIndex(_ query: Query) async throws {
        let house = try await TranslationHouse(backend: .sqlite, hasWorker: false)
        let plan = try await house.database.explain(query.sql)
        #expect(plan.contains(query.index), "\(plan)")
        #expect(!plan.contains("TEMP B-TREE"), "\(plan)")
    }
}
