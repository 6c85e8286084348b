import Foundation
import TestSupport
import Testing

/// The formatter's own rule looks at `public` only, and nothing here is public.
@Suite struct DocCommentTests {
    /// What a protocol demands is explained there; enum cases and stored properties belong to a documented type.
    @Test func everyPackageFunctionAndTypeSaysWhatItsSignatureCannot() throws {
        let sources = "\(repositoryRoot)/Sources"
        let files = try FileManager.default.subpathsOfDirectory(atPath: sources).sorted()
            .filter { $0.hasSuffix(".swift") }
            .map { (name: $0, text: try String(contentsOfFile: "\(sources)/\($0)", encoding: .utf8)) }
        let demanded = Set(files.flatMap { requirements($0.text) })
        let missing = files.flatMap { file in
            undocumented(file.text).filter { !demanded.contains(functionName($0)) }.map { "\(file.name): \($0)" }
        }
        #expect(missing.isEmpty, "\(missing.count) without a comment:\n\(missing.joined(separator: "\n"))")
    }

    @Test func declarationWithoutACommentIsFound() {
        let text = """
            package struct A {
                /// Does it.
                package func documented() {}
                @discardableResult
                package func forgotten() -> Int { 0 }
            }
            /// Is a thing.
            @frozen
            package enum B {}
            """
        #expect(undocumented(text) == ["package struct A {", "package func forgotten() -> Int { 0 }"])
    }
}

/// Lines that declare a type or function for other modules and have no comment above them.
private func undocumented(_ text: String) -> [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: .whitespaces)
    }
    let kinds = ["func ", "struct ", "enum ", "class ", "final class ", "protocol ", "actor ", "typealias "]
    return lines.indices.filter { index in
        let line = lines[index]
        let declaration = line.replacing("package static ", with: "package ").replacing("mutating ", with: "")
        guard kinds.contains(where: { declaration.hasPrefix("package " + $0) }) else { return false }
        guard !isDemanded(declaration) else { return false }
        let above = lines[..<index].last { !$0.hasPrefix("@") }
        return above?.hasPrefix("///") != true
    }.map { lines[$0] }
}

/// The functions that the protocols of a file demand.
private func requirements(_ text: String) -> [String] {
    var names: [String] = []
    var isInside = false
    for line in text.split(separator: "\n") {
        if line.contains("protocol "), line.hasSuffix("{") { isInside = true }
        if line == "}" { isInside = false }
        if isInside, line.contains("func ") { names.append(functionName(String(line))) }
    }
    return names
}

/// Such as `send`.
private func functionName(_ declaration: String) -> String {
    guard let start = declaration.range(of: "func ")?.upperBound else { return "" }
    return String(declaration[start...].prefix { $0.isLetter || $0.isNumber })
}

/// Operators, `hash`, `encode` and the like, whose meaning the protocol gives.
private func isDemanded(_ declaration: String) -> Bool {
    [
        "func <", "func ==", "func +", "func -", "func append", "func hash(", "func encode(", "func makeAsyncIterator",
        "func makeIterator", "func next(", "struct Interpolation", "struct Iterator", "typealias Element",
        "typealias Failure",
    ]
    .contains { declaration.hasPrefix("package " + $0) }
}
