import Glibc

/// Okapi BM25 with the usual constants; occurrences and lengths are in fifths (see ``Field/weight``).
struct BM25: Sendable {
    static let saturation: Float = 1.2
    static let lengthShare: Float = 0.75

    /// Documents that have a length.
    private var held = 0
    private var total: Double = 0
    /// Of the library that these documents are a part of, where they are.
    private let library: (documents: Int, average: Float)?
    /// By number; 0 where there is no document.
    private(set) var lengths: [UInt16] = []

    init(library: (documents: Int, average: Float)? = nil) { self.library = library }

    /// Documents to compare with.
    var documents: Int { library?.documents ?? held }
    var average: Float { library?.average ?? (held == 0 ? 1 : Float(total / Double(held))) }

    /// - Parameters:
    ///   - length: In fifths; 0 removes the document.
    ///   - number: The document.
    mutating func set(length: Int, of number: UInt32) {
        let new = UInt16(min(length, Int(UInt16.max)))
        while lengths.count <= number { lengths.append(0) }
        let old = lengths[Int(number)]
        held += (new > 0 ? 1 : 0) - (old > 0 ? 1 : 0)
        total += Double(new) - Double(old)
        lengths[Int(number)] = new
    }

    /// Rarity of a term that `frequency` documents hold; positive even when all do.
    func rarity(_ frequency: Int) -> Float {
        logf(1 + (Float(max(0, documents - frequency)) + 0.5) / (Float(frequency) + 0.5))
    }

    /// What `weight` fifths of a term are worth in a document of `length` fifths: under 2.2.
    static func worth(weight: Float, length: Float, average: Float) -> Float {
        weight * (saturation + 1) / (weight + 5 * saturation * (1 - lengthShare + lengthShare * length / average))
    }

    /// ``worth(weight:length:average:)`` of one plain occurrence in a document that says only `terms` terms: what a
    /// query's best document can be expected to reach.
    func attainable(terms: Int) -> Float {
        Self.worth(weight: 5, length: Float(5 * terms), average: average)
    }
}
