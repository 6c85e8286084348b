import FoundationEssentials
import Kernel

/// The folder that holds OpenVINO's libraries (`openvino`) and the models (`models/NAME`).
package struct ModelHome: Sendable, Equatable {
    package let path: String

    package init(_ path: String) { self.path = path }

    /// Where the libraries stand.
    package var libraries: String { "\(path)/openvino" }
    /// Where the models stand, each in a folder of its name.
    package var models: String { "\(path)/models" }

    /// Looks for the folder: `PICTOR_HOME` when it is set; else the program's folder, and `.pictor` there, in the folders
    /// above it, and in the working directory. When nothing is found it is `.pictor` of the working directory.
    ///
    /// `chosen`: The value of `PICTOR_HOME`; tests give their own.
    package static func find(
        chosen: String? = ProcessInfo.processInfo.environment["PICTOR_HOME"]
    ) -> ModelHome {
        let manager = FileManager.default
        if let chosen, !chosen.isEmpty { return ModelHome(chosen) }
        let fallback = "\(manager.currentDirectoryPath)/.pictor"
        var candidates: [String] = []
        if let program = try? manager.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            var folders = program.split(separator: "/").dropLast()
            candidates.append("/" + folders.joined(separator: "/"))
            while !folders.isEmpty {
                candidates.append("/" + folders.joined(separator: "/") + "/.pictor")
                folders = folders.dropLast()
            }
        }
        let homes = (candidates + [fallback]).map(ModelHome.init)
        return homes.first { manager.fileExists(atPath: $0.libraries) || manager.fileExists(atPath: $0.models) }
            ?? ModelHome(fallback)
    }

    /// Opens OpenVINO's libraries, to see whether they are there.
    ///
    /// - Throws: ``TextEmbeddingError/noLibrary(_:)``
    package func checkLibraries() throws { _ = try OpenVINO.open(libraries) }

    /// All models with a readable `model.json`, by name.
    package func all() -> [ModelFolder] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: models)) ?? []
        return names.sorted().filter(Self.isName).compactMap { try? ModelFolder(path: "\(models)/\($0)") }
    }

    /// - Throws: ``TextEmbeddingError/noModel(name:kind:)``, or `unusable` when the folder is damaged.
    package func model(_ name: String, kind: ModelKind) throws -> ModelFolder {
        guard Self.isName(name), FileManager.default.fileExists(atPath: "\(models)/\(name)/\(ModelManifest.name)")
        else {
            throw TextEmbeddingError.noModel(name: name, kind: kind)
        }
        let folder = try ModelFolder(path: "\(models)/\(name)")
        guard folder.manifest.kind == kind else { throw TextEmbeddingError.noModel(name: name, kind: kind) }
        return folder
    }

    /// Whether a text can name a model: letters, digits, dots, dashes and underscores, not beginning with a dot.
    package static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 100 && !text.hasPrefix(".")
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}

/// A model's folder: `model.json`, the model, `tokenizer.json`.
package struct ModelFolder: Sendable {
    package let path: String
    package let manifest: ModelManifest

    /// The folder's own name.
    package var name: String { path.split(separator: "/").last.map(String.init) ?? "" }

    /// - Throws: ``TextEmbeddingError/unusable(why:)``
    init(path: String) throws {
        guard let data = try? Data(contentsOf: URL(filePath: "\(path)/\(ModelManifest.name)")) else {
            throw TextEmbeddingError.unusable(why: "The model has no model.json.")
        }
        self.path = path
        manifest = try ModelManifest(parsing: Array(data))
    }

    /// A file of the model.
    func path(of file: String) -> String { "\(path)/\(file)" }

    func bytes(of file: String) throws -> [UInt8] {
        guard let data = try? Data(contentsOf: URL(filePath: path(of: file))) else {
            throw TextEmbeddingError.unusable(why: "The model's folder lacks \(file).")
        }
        return Array(data)
    }

    /// Reads every file and compares it with its checksum.
    ///
    /// - Returns: The files that are missing or changed.
    package func damagedFiles() -> [String] {
        manifest.checksums.sorted { $0.key < $1.key }.filter { file, checksum in
            (try? Self.checksum(path(of: file))) != checksum
        }
        .map(\.key)
    }

    /// The SHA-256 of a file of any size, in hexadecimal digits.
    static func checksum(_ path: String) throws -> String {
        let data = try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
        var stream = SHA256Stream()
        data.withUnsafeBytes { stream.update($0) }
        return stream.finalize().hexadecimal
    }
}
