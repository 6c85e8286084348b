import Kernel

// Manifests that other programs write line by line.
extension PackManifest {
    /// JSON Lines: an item on each line; empty lines are passed over.
    static func lines(_ bytes: [UInt8]) throws(PackError) -> [PackItem] {
        var items: [PackItem] = []
        for (number, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        where line.contains(where: { $0 > 0x20 }) {
            guard let json = try? JSON(parsing: Array(line)) else {
                throw .badManifest(reason: "Line \(number + 1) is no JSON.")
            }
            items.append(try PackItem(json, place: "Line \(number + 1)"))
        }
        return items
    }

    /// CSV (RFC 4180) with a row of names; in fields that are lists, and in `libraries`, the values stand between
    /// semicolons.
    static func table(_ bytes: [UInt8]) throws(PackError) -> [PackItem] {
        let lists = PackItem.fields.filter(\.field.isList).map(\.name) + ["libraries"]
        var rows = try csvRows(bytes)
        guard !rows.isEmpty else { return [] }
        let names = rows.removeFirst().cells.map { $0.lowercased() }
        guard names.contains("file") else { throw .badManifest(reason: "Its first row does not name a column 'file'.") }
        var items: [PackItem] = []
        for row in rows {
            guard row.cells.count <= names.count else {
                throw .badManifest(reason: "Line \(row.line) has more cells than the first row.")
            }
            let members = zip(names, row.cells).filter { !$1.isEmpty }.map { name, cell -> (key: String, value: JSON) in
                guard lists.contains(name) else { return (name, JSON(cell)) }
                let values = cell.split(separator: ";").map { $0.trimmingSpaces }
                return (name, JSON(values.filter { !$0.isEmpty }))
            }
            items.append(try PackItem(.object(members), place: "Line \(row.line)"))
        }
        return items
    }
}

/// The rows of a CSV text that are not empty, each with the line on which it begins.
private func csvRows(_ bytes: [UInt8]) throws(PackError) -> [(line: Int, cells: [String])] {
    var rows: [(line: Int, cells: [String])] = []
    var cells: [String] = []
    var cell: [UInt8] = []
    var (line, start) = (1, 1)
    var isQuoted = false
    func text() -> String { String(decoding: cell, as: UTF8.self) }
    func endRow() {
        cells.append(text())
        if cells.contains(where: { !$0.isEmpty }) { rows.append((start, cells)) }
        (cells, cell, start) = ([], [], line)
    }
    // A mark that the text is UTF-8, as spreadsheets write it.
    var place = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while place < bytes.count {
        let byte = bytes[place]
        place += 1
        if byte == UInt8(ascii: "\n") { line += 1 }
        switch (byte, isQuoted) {
        case (UInt8(ascii: "\""), true) where place < bytes.count && bytes[place] == UInt8(ascii: "\""):
            cell.append(byte)
            place += 1
        case (UInt8(ascii: "\""), _) where isQuoted || cell.isEmpty: isQuoted.toggle()
        case (UInt8(ascii: ","), false):
            cells.append(text())
            cell = []
        case (UInt8(ascii: "\n"), false): endRow()
        case (UInt8(ascii: "\r"), false): break
        default: cell.append(byte)
        }
    }
    guard !isQuoted else { throw .badManifest(reason: "A quote that begins in line \(start) does not end.") }
    endRow()
    return rows
}

extension Substring {
    /// Without spaces around it.
    fileprivate var trimmingSpaces: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
