import Kernel

/// What a search reads: a snapshot that later writes leave alone.
struct Layout: Sendable {
    var shelves: [Shelf] = []
    /// One for each shelf when the shelves are lists; nil in a flat index.
    var centroids: Centroids?
    /// The numbers that have rows.
    var numbers = NumberSet()
    /// How many ``numbers`` has.
    var numberCount = 0

    /// Which shelves to scan for a query; nil for all.
    ///
    /// A flat index scans all. Lists are probed near the query; but when a filter passes so few numbers that scanning
    /// just their rows costs no more, all shelves are scanned through the filter, which is exact.
    ///
    /// `eligible`: How many numbers the filter passes.
    func probed(for query: Query, eligible: Int, settings: VectorIndex.Settings) -> [Int]? {
        guard let centroids, eligible > max(settings.exactRows / 2, numberCount / 8) else { return nil }
        // A filter thins every list alike, so more of them hold as many candidates.
        let share = settings.probedShare * Double(numberCount) / Double(eligible)
        let probes = Int((Double(centroids.count) * share).rounded(.up))
        return probes < centroids.count ? centroids.nearest(to: query, limit: max(probes, 8)) : nil
    }
}
