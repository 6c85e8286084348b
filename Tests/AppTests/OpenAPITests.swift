import Configuration
import HTTPServer
import TestSupport
import Testing

@testable import App

/// `docs/openapi.yaml` is written by hand, so a test keeps it and the router together.
@Suite struct OpenAPITests {
    @Test func contractListsExactlyTheRoutesOfTheRouter() async throws {
        let folder = try TemporaryFolder()
        let option = SettingsLayers.Option("--data", sets: "data.directory", to: folder.path)
        let settings = try Settings(SettingsLayers(options: [option]))
        let process = try await PictorProcess(settings, hasWorkers: false)
        let routes = process.router().routes.map { route in
            "\(route.method.rawValue) \(route.pattern.replacing("...}", with: "}"))"
        }
        let contract = try operations()
        #expect(contract.count > 20)
        #expect(Set(routes).subtracting(contract).sorted() == [], "not in the contract")
        #expect(contract.subtracting(routes).sorted() == [], "in the contract only")
    }

    @Test func everyOperationHasANameOfItsOwn() throws {
        let names = try lines().filter { $0.hasPrefix("      operationId: ") }
        #expect(try names.count == operations().count)
        #expect(Set(names).count == names.count)
    }
}

private func lines() throws -> [String] {
    try text(ofFile: "docs/openapi.yaml").split(separator: "\n").map(String.init)
}

/// Such as `GET /health`. The file is written so that indentation tells all: paths at two spaces, methods at four.
private func operations() throws -> Set<String> {
    var found: Set<String> = []
    var path = ""
    for line in try lines().drop(while: { $0 != "paths:" }).prefix(while: { $0 != "components:" }) {
        if let match = line.wholeMatch(of: /\ \ (\/\S*):/) { path = String(match.1) }
        if let match = line.wholeMatch(of: /\ {4}(get|post|put|patch|delete):/) {
            found.insert("\(match.1.uppercased()) \(path)")
        }
    }
    return found
}
