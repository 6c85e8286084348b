import Archives
import FoundationEssentials
import Imaging
import Kernel

/// Where `pictor translate` puts its pictures, which are PNG.
final class TranslationOutput {
    private enum Place {
        case file(String)
        case folder(String)
        case archive(NewFile, ZIPWriter)
        /// Each picture beside its original.
        case beside
    }

    /// What was named or chosen; `nil` where each picture is beside its original.
    let path: String?
    private let place: Place
    private let suffix: String
    /// Names that are taken, so that `a.jpg` and `a.png` do not become one.
    private var names: Set<String> = []

    /// `path`: What was asked for, if anything. `suffix` stands in names that are chosen here: `sign.png` becomes
    /// `sign.spanish.png`.
    ///
    /// - Throws: ``UsageError`` when it is not clear where all of it shall go, ``CommandFailure``.
    init(_ path: String?, _ input: TranslationInput, suffix: String) throws {
        self.suffix = suffix
        self.path = try path ?? Self.standardPath(input, suffix)
        guard let path = self.path else {
            place = .beside
            return
        }
        let ending = URL(filePath: path).pathExtension.lowercased()
        var isFolder = false
        let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        if ImageFormat.zip.endings.contains(ending), !input.isOnePicture {
            place = .archive(try NewFile(at: path), ZIPWriter())
        } else if input.isOnePicture, !isFolder, !path.hasSuffix("/") {
            place = .file(path)
        } else if isThere, !isFolder {
            throw UsageError(description: "\(path) is a file; name a folder, or an archive as NAME.zip")
        } else {
            place = .folder(path)
        }
    }

    /// One archive becomes one like it, one folder or document a folder; pictures stay beside their originals.
    private static func standardPath(_ input: TranslationInput, _ suffix: String) throws -> String? {
        if input.words.allSatisfy({ $0.kind == .picture }) { return nil }
        guard input.words.count == 1, let (path, kind) = input.words.first else {
            throw UsageError(description: "say where all of it goes: -o FOLDER, or -o NAME.zip")
        }
        let url = URL(filePath: path)
        let stem = kind == .folder ? url.path : url.deletingPathExtension().path
        let plain = stem.hasSuffix("/") ? String(stem.dropLast()) : stem
        return kind == .archive ? "\(plain).\(suffix).\(url.pathExtension)" : "\(plain).\(suffix)"
    }

    /// Writes a picture.
    ///
    /// - Returns: The path of its file, or its name in the archive.
    /// - Throws: ``CommandFailure``.
    func put(_ png: [UInt8], of picture: TranslationInput.Picture) throws -> String {
        switch place {
        case .file(let path):
            try Self.write(png, to: path)
            return path
        case .beside:
            let url = URL(filePath: picture.path ?? picture.name)
            let path = unused(url.deletingPathExtension().path + ".\(suffix)") + ".png"
            try Self.write(png, to: path)
            return path
        case .folder(let folder):
            let path = "\(folder)/\(unused(stem(of: picture))).png"
            try Self.write(png, to: path)
            return path
        case .archive(let file, let writer):
            let name = "\(unused(stem(of: picture))).png"
            try file.write(writer.add(name, png, deflates: false, modified: Timestamp.now().milliseconds / 1000))
            return name
        }
    }

    /// Ends the archive, if it is one; without this there is none.
    ///
    /// - Throws: ``CommandFailure``.
    func finish() throws {
        guard case .archive(let file, let writer) = place else { return }
        try file.write(writer.finish())
        _ = try file.finish()
    }

    /// Writes a file whose folder may be missing.
    static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            let url = URL(filePath: path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true,
            )
            try Data(bytes).write(to: url, options: .atomic)
        } catch { throw CommandFailure("\(path) cannot be written") }
    }

    private func stem(of picture: TranslationInput.Picture) -> String {
        let name = picture.path.map { URL(filePath: $0).lastPathComponent } ?? picture.name
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count > 1 ? parts.dropLast().joined(separator: ".") : name
    }

    private func unused(_ stem: String) -> String {
        var (name, number) = (stem, 2)
        while !names.insert(name).inserted {
            name = "\(stem)-\(number)"
            number += 1
        }
        return name
    }
}
