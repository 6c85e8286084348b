import FoundationEssentials
import Kernel
import TestSupport
import Testing

@testable import TextEmbedding

/// What `script/setup` has put into `.pictor`.
let home = ModelHome("\(repositoryRoot)/.pictor")

/// A sentence for whoever has not run it.
struct Missing: Error, CustomStringConvertible {
    let description: String
}

/// MiniLM as the product finds it.
func miniLM() throws -> ModelFolder {
    guard let folder = try? home.model("minilm", kind: .embedding) else {
        throw Missing(description: "the model minilm is missing; run script/setup")
    }
    return folder
}

/// A file beside the tests.
func fixture(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: "\(repositoryRoot)/Tests/TextEmbeddingTests/Fixtures/\(name)")))
}

func dot(_ left: [Float], _ right: [Float]) -> Float { zip(left, right).reduce(0) { $0 + $1.0 * $1.1 } }
