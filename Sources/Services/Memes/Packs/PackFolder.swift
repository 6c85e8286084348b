import Kernel
import Synchronization

extension MemesModule {
    /// A file that stands beside a manifest.
    package enum PackFile: Sendable {
        case bytes([UInt8])
        case missing
        /// Larger than a picture may be.
        case tooLarge
    }

    /// Reads a file by its path below the manifest's folder, unless it is larger than so many bytes.
    package typealias PackFileReader = @Sendable (_ file: String, _ limit: Int) async throws -> PackFile
}

/// A pack as a manifest with files beside it.
struct PackFolder: Sendable {
    let manifest: PackManifest
    let maxPictureBytes: Int
    let read: MemesModule.PackFileReader

    func open() -> ImportPack.Source {
        let items = manifest.items
        let place = Place()
        return ImportPack.Source(
            libraries: manifest.libraries,
            total: items.count,
            next: {
                guard let index = place.next(below: items.count) else { return nil }
                return ImportPack.Candidate(item: items[index], content: try await content(of: items[index].file))
            },
        )
    }

    private func content(of file: String) async throws -> ImportPack.Content {
        guard !file.hasPrefix("/"), !file.split(separator: "/").contains(".."), !file.utf8.contains(0) else {
            return .refused("It lies outside the manifest's folder.")
        }
        switch try await read(file, maxPictureBytes) {
        case .bytes(let bytes): return .bytes(bytes)
        case .missing: return .refused("There is no such file.")
        case .tooLarge: return .refused(MemesError.tooLarge(limitBytes: maxPictureBytes).message)
        }
    }
}

/// Where a list is, for whoever asks for its elements one by one.
private final class Place: Sendable {
    private let index = Mutex(0)

    /// The next place; `nil` at the end.
    func next(below count: Int) -> Int? {
        index.withLock { index in
            guard index < count else { return nil }
            defer { index += 1 }
            return index
        }
    }
}
