import Kernel
import MemeSearch

/// Where memes are looked up. ``MemoryLookup`` holds all of them in memory, ``PostgreSQLLookup`` asks the database, for
/// libraries larger than memory; requests and answers are the same.
protocol MemeLookup: Sendable {
    /// The last change that searches see; it grows with every change of any meme.
    var generation: Int64 { get }
    /// How many memes there are.
    var count: Int { get }
    /// The vector space that searches ask; `nil` where there are no vectors.
    var space: String? { get }

    /// The memes that fit best. `vectors` are those of terms, by their place in the request.
    func search(_ request: SearchRequest, vectors: [Int: [Float]]) async throws -> LookupAnswer
    /// The numbers of memes; of those that are not there, none.
    func numbers(of ids: [ID<Meme>]) async throws -> [UInt32]
    /// Which of the memes are still there.
    func present(_ numbers: [UInt32]) async throws -> Set<UInt32>
    /// The memes with almost the same picture, by likeness.
    func family(of meme: Meme, limit: Int) async throws -> [ID<Meme>]
    /// The oldest meme of which this one is a copy, as far as pictures and words tell; `nil` when there is none.
    func original(of meme: Meme) async throws -> ID<Meme>?
    /// Values to filter by, the most frequent first, for each of `filters`.
    func labels(of filters: [String], limit: Int) async throws -> [String: [LabelCount]]
    /// Words of the library that begin with `prefix`, the most frequent first.
    func suggestions(for prefix: String, count: Int) async throws -> [String]
    /// What passes the filter and has a number below `number`, the newest first.
    func newest(_ filter: SearchFilter, before number: UInt32?, limit: Int) async throws -> [ID<Meme>]
    /// Forgets a meme that has just been deleted.
    func remove(_ number: UInt32)
}

/// What a lookup found.
struct LookupAnswer: Sendable {
    let answer: SearchAnswer
    /// Of the hits; one that was deleted meanwhile has none.
    let ids: [UInt32: ID<Meme>]
}
