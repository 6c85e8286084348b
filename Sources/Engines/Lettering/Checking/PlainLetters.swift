/// The letters and digits of a text without case and accents, by which texts are compared: readers lose accents first.
struct PlainLetters: Hashable {
    let scalars: [Unicode.Scalar]

    init(_ text: String) {
        scalars = text.lowercased().unicodeScalars.compactMap { scalar in
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil ? Self.base(of: scalar) : nil
        }
    }

    /// How many letters must be put in, taken out or changed to make one of the other (Levenshtein).
    func distance(to other: PlainLetters) -> Int {
        var row = Array(0...other.scalars.count)
        for (index, letter) in scalars.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, target) in other.scalars.enumerated() {
                let change = diagonal + (letter == target ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(change, row[column] + 1, diagonal + 1)
            }
        }
        return row[other.scalars.count]
    }

    /// `é` is a LATIN SMALL LETTER E WITH ACUTE; a mark that stands alone is none.
    private static func base(of scalar: Unicode.Scalar) -> Unicode.Scalar? {
        guard scalar.value > 127, let name = scalar.properties.name else { return scalar }
        if name.hasPrefix("COMBINING ") { return nil }
        guard name.hasPrefix("LATIN SMALL LETTER "), let letter = name.dropFirst(19).split(separator: " ").first,
            letter.count == 1, let plain = letter.lowercased().unicodeScalars.first
        else { return scalar }
        return plain
    }
}
