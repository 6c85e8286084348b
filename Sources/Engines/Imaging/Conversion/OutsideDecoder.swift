import Glibc
import Kernel

/// Decodes formats whose decoders do not run within this process: libheif with its codecs, and Poppler. The program `vips`
/// runs them, within limits of the kernel, so that what strangers send can do no more than end that program.
struct OutsideDecoder: Sendable {
    let limits: ImageLimits
    let timeLimit: Duration

    private static let folder = "/usr/bin"
    /// Debian's package of these programs; the library that we link has the decoders with it.
    static let debianPackage = "libvips-tools"

    /// The programs that are needed and cannot be started.
    static func missingPrograms(in folder: String = Self.folder) -> [String] {
        ["vips", "vipsheader"].filter { access("\(folder)/\($0)", X_OK) != 0 }
    }

    /// Decodes a file by one loader of libvips.
    ///
    /// - Returns: A PNG with the loader's pixels, whatever their colours and bits.
    /// - Throws: ``ImagingError/undecodable(_:)``, ``ImagingError/outOfTime``, ``ImagingError/unsupported(what:)`` where the
    ///   program or its codec is not installed, and for what breaks it or passes a limit.
    func png(_ bytes: [UInt8], by loader: String, _ options: [String] = []) throws(ImagingError) -> [UInt8] {
        try run(["vips", loader, "/dev/stdin", ".png[compression=1]"] + options, bytes)
    }

    /// What `vipsheader` says of a file, on one line.
    func facts(_ bytes: [UInt8], _ options: [String]) throws(ImagingError) -> String {
        String(decoding: try run(["vipsheader"] + options, bytes), as: UTF8.self)
    }

    /// - Throws: ``ImagingError/unsupported(what:)`` that names the package to install.
    static func requirePrograms(for mimeType: String) throws(ImagingError) {
        guard let missing = missingPrograms().first else { return }
        throw .unsupported(what: "\(mimeType), as \(missing) is not installed here (apt install \(debianPackage))")
    }

    private func run(_ line: [String], _ bytes: [UInt8]) throws(ImagingError) -> [UInt8] {
        let program = "\(Self.folder)/\(line[0])"
        try Self.requirePrograms(for: ImageFormat.mimeType(of: bytes))
        do throws(ProgramFailure) {
            return try runProgram(
                [program] + line.dropFirst(),
                input: bytes,
                environment: [
                    "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "PATH": Self.folder, "VIPS_CONCURRENCY": "1",
                ],
                limits: ProgramLimits(
                    time: timeLimit,
                    memoryBytes: Self.ownBytes + 16 * min(limits.pixels, Self.mostPixels),
                    outputBytes: 1 << 20 + 9 * min(limits.pixels, Self.mostPixels),
                ),
            )
        } catch {
            switch error {
            case .failed(let words): throw Self.problem(words, bytes)
            case .late, .stopped(signal: SIGXCPU): throw .outOfTime
            case .stopped: throw Self.tooMuch(bytes)
            case .notStarted(let why): throw .failed("\(program) does not start: \(why)")
            }
        }
    }

    /// What is wrong, by the words of the program: it says no more with its status than that something is. They are of
    /// one file only.
    static func problem(_ words: String, _ bytes: [UInt8]) -> ImagingError {
        if ["Unsupported codec", "unknown action"].contains(where: words.contains) {
            return .unsupported(what: "\(ImageFormat.mimeType(of: bytes)), for which there is no decoder here")
        }
        if words.contains("shared libraries") { return .failed("a decoder does not start: \(words)") }
        let isTooMuch = ["out of memory", "memory allocation"].contains(where: words.lowercased().contains)
        return isTooMuch ? tooMuch(bytes) : .undecodable(String(words.prefix(longestWords)))
    }

    private static func tooMuch(_ bytes: [UInt8]) -> ImagingError {
        let type = ImageFormat.mimeType(of: bytes)
        return .unsupported(what: "\(type) that breaks its decoder, or takes more memory than it is given")
    }

    /// Of what the program says of a damaged file, in characters: some say a line for every block.
    private static let longestWords = 300
    /// What the program takes without any picture: mostly its libraries.
    private static let ownBytes = 1 << 30
    /// Each takes 8 bytes at most, alpha and all: twice that while it is decoded, and little more in a PNG that shrinks by
    /// nothing.
    private static let mostPixels = 1 << 36
}
