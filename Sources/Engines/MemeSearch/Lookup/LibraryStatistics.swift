/// What is true of a library of which an index holds only what a database brought up: so a few documents are ranked as
/// they would be among all of them.
package struct LibraryStatistics: Sendable {
    /// How many documents there are.
    package var documents: Int
    /// The mean length of a document in fifths of a word, as ``DocumentTerms/wordLength`` counts.
    package var averageWords: Float
    /// The same in fifths of a trigram.
    package var averageTrigrams: Float
    /// How many documents hold a term, by the terms of ``DocumentTerms``; of others what the index itself holds counts.
    package var frequencies: [String: Int]

    package init(documents: Int, averageWords: Float, averageTrigrams: Float, frequencies: [String: Int] = [:]) {
        self.documents = documents
        self.averageWords = averageWords
        self.averageTrigrams = averageTrigrams
        self.frequencies = frequencies
    }

    /// How rare a term is, as BM25 counts it; larger is rarer.
    package func rarity(of term: String) -> Double {
        Double(BM25(library: (documents, 1)).rarity(frequencies[term] ?? 0))
    }
}
