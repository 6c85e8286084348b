import Configuration
import Foundation
import TestSupport
import Testing

@testable import App

/// What the documents say about the code is true.
@Suite struct DocumentationTests {
    private static let pages = [
        "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md", "docs/authorization.md",
        "docs/configuration.md", "docs/deployment.md", "docs/images.md", "docs/local-models.md", "docs/memes.md",
        "docs/models.md", "docs/operations.md",
    ]

    @Test("every file that a page names is there", arguments: pages)
    func namedFilesExist(page: String) throws {
        let content = try text(ofFile: page)
        let named = content.matches(of: /`((?:Sources|Tests|docs|deploy|script|\.ci)\/[\w\/.+-]+)`/).map {
            String($0.1)
        }
        let folder = page.contains("/") ? "docs/" : ""
        let linked = content.matches(of: /\]\((?!https?:)([^)#]+)\)/).map { folder + String($0.1) }
        for file in named + linked {
            #expect(FileManager.default.fileExists(atPath: "\(repositoryRoot)/\(file)"), "\(page) names \(file)")
        }
    }

    @Test func mapNamesEveryModule() throws {
        let map = try text(ofFile: "docs/architecture.md")
        let manifest = try text(ofFile: "Package.swift")
        let modules = manifest.matches(of: /(?:module|shim|system)\(\s*"(\w+)"/).map { String($0.1) }
        #expect(modules.count > 15)
        for module in modules { #expect(map.contains("`\(module)`"), "docs/architecture.md misses \(module)") }
    }

    @Test("the table of settings is what the program prints; mend it with script/docs")
    func settings() throws {
        let table = try Settings(SettingsLayers()).catalogue.markdown
        #expect(try text(ofFile: "docs/configuration.md").hasSuffix("\n\n\(table)"))
    }

    @Test func readmeListsEveryCommand() throws {
        let rows = try text(ofFile: "README.md").split(separator: "\n").filter { $0.hasPrefix("| `pictor ") }
        for command in Program.commands {
            #expect(rows.contains { $0.contains(command.name) }, "README.md misses pictor \(command.name)")
        }
    }
}

/// A text file of the repository.
func text(ofFile path: String) throws -> String {
    try String(contentsOfFile: "\(repositoryRoot)/\(path)", encoding: .utf8)
}
