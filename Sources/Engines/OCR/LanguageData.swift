import Glibc

/// The folder with Tesseract's language data.
struct LanguageData: Sendable {
    let folder: String

    /// What `TESSDATA_PREFIX` names, else where Debian's packages put it.
    static let standard = LanguageData(
        folder: getenv("TESSDATA_PREFIX").map { String(cString: $0) } ?? "/usr/share/tesseract-ocr/5/tessdata"
    )

    private static let ending = ".traineddata"
    /// Data in the folder that is no language: page orientation and formulas.
    private static let others: Set<String> = ["equ", "osd"]

    /// - Throws: ``OCRError/languageMissing(_:)`` for the first language that is not installed, or may not be read.
    func require(_ languages: [String]) throws(OCRError) {
        if let missing = languages.first(where: { access("\(folder)/\($0)\(Self.ending)", R_OK) != 0 }) {
            throw .languageMissing(missing)
        }
    }

    /// Names of the installed languages, sorted.
    func languages() -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let file = withUnsafeBytes(of: entry.pointee.d_name) { name in
                String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard file.hasSuffix(Self.ending) else { continue }
            let name = String(file.dropLast(Self.ending.count))
            if !Self.others.contains(name) { names.append(name) }
        }
        return names.sorted()
    }
}
