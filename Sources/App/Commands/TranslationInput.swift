import FoundationEssentials
import HTTPServer
import Imaging
import Kernel
import Translation

/// What `pictor translate` was given: pictures, folders of them, archives and documents.
struct TranslationInput: Sendable {
    enum Kind {
        case picture, folder, archive, document
    }

    struct Picture: Sendable {
        /// Where it lies: the path of a picture, else the path in its folder or archive.
        let name: String
        /// The path that was named, for a picture itself.
        let path: String?
        let read: @Sendable () async throws -> [UInt8]
    }

    /// What was named, with its kind.
    let words: [(path: String, kind: Kind)]
    private(set) var pictures: [Picture] = []
    /// Files in archives that are no pictures.
    private(set) var skipped: [SkippedFile] = []

    /// Whether it is nothing but one picture itself.
    var isOnePicture: Bool { words.count == 1 && words[0].kind == .picture }

    /// Looks into everything that was named; no picture is read yet.
    ///
    /// - Throws: ``CommandFailure`` or ``Kernel/Failure`` for what cannot be opened or holds no picture.
    init(_ paths: [String], _ module: TranslationModule) async throws {
        words = try paths.map { ($0, try Self.kind(of: $0)) }
        for (path, kind) in words {
            switch kind {
            case .picture: pictures.append(Self.picture(path, named: path, path: path))
            case .folder: pictures += try Self.pictures(below: path)
            case .archive, .document:
                let content = try await module.content(of: try UploadedFile(path: path))
                pictures += content.pictures.map { Picture(name: $0.name, path: nil, read: $0.read) }
                skipped += content.skipped
            }
        }
    }

    private static func kind(of path: String) throws -> Kind {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandFailure("\(path) does not exist")
        }
        if isFolder { return .folder }
        guard let beginning = try? UploadedFile(path: path).beginning() else {
            throw CommandFailure("\(path) cannot be read")
        }
        if ImageFormat(firstBytes: beginning) == .pdf { return .document }
        return FileUnpacker.isContainer(beginning) ? .archive : .picture
    }

    private static func pictures(below folder: String) throws -> [Picture] {
        let endings = (ImageFormat.accepted + ImageFormat.convertible).flatMap(\.endings)
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { name in
            name.split(separator: ".").last.map { endings.contains($0.lowercased()) } ?? false
        }
        guard !names.isEmpty else {
            throw CommandFailure("no pictures in \(folder); taken are .\(endings.joined(separator: ", ."))")
        }
        return names.inNaturalOrder().map { picture("\(folder)/\($0)", named: $0, path: nil) }
    }

    private static func picture(_ path: String, named name: String, path own: String?) -> Picture {
        Picture(name: name, path: own) {
            guard let bytes = FileManager.default.contents(atPath: path) else {
                throw CommandFailure("\(path) cannot be read")
            }
            return Array(bytes)
        }
    }
}
