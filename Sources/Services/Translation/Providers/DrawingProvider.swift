import Kernel

/// A provider that also draws the words onto the picture, instead of leaving that to this machine.
///
/// It gets words from another one, so that they are checked as all words are, and so that it can be told whether the
/// drawing says them.
package protocol DrawingProvider: TranslationProvider {
    /// Whose words it draws.
    var words: any TranslationProvider { get }
    /// Draws the picture with the words of each block that changes.
    ///
    /// - Throws: A ``Kernel/Failure``: one that is postponed makes the picture wait, a permanent one makes the next provider
    ///   be asked.
    func draw(_ order: DrawingOrder) async throws -> DrawnPicture
}

extension DrawingProvider {
    package func reach(from source: Language?, to target: Language) -> TranslationReach? {
        words.reach(from: source, to: target)
    }

    package func translate(_ order: TranslationOrder) async throws -> TranslationAnswer {
        try await words.translate(order)
    }
}

/// What a model is asked to draw.
package struct DrawingOrder: Sendable {
    /// The whole file.
    package let picture: [UInt8]
    /// With their translations.
    package let blocks: [TranslatedBlock]
    package let target: Language
    /// Where everything is noted that has to be paid for it.
    package let expenses: Expenses
}

/// What a model drew.
package struct DrawnPicture: Sendable {
    /// PNG, as large as the picture and in its place.
    package let file: [UInt8]
    /// Such as `gemini/gemini-3.1-flash-image`.
    package let model: String
}

/// The picture of a wish, and where what is drawn of it stays.
struct PictureSource: Sendable {
    /// Of the file: equal pictures with equal words are drawn once.
    let contentHash: String
    let read: @Sendable () async throws -> [UInt8]
    /// Keeps a drawing, and gives the name by which it is found.
    let keep: @Sendable (_ drawing: [UInt8]) async throws -> String
    /// `nil` when it is gone.
    let find: @Sendable (_ name: String) async throws -> [UInt8]?

    /// `nil` when it is gone, or another one has its name now.
    func file(of drawing: StoredDrawing) async throws -> [UInt8]? {
        guard let file = try await find(drawing.name), StoredDrawing.digest(of: file) == drawing.digest else {
            return nil
        }
        return file
    }
}

/// Where a drawing is kept. Later ones of the same picture get the same name.
struct StoredDrawing: Sendable, Equatable {
    let name: String
    /// SHA-256 of the file, in hexadecimal digits.
    let digest: String

    init(name: String, file: [UInt8]) {
        self.name = name
        digest = Self.digest(of: file)
    }

    /// `nil` where a remembered value does not say it.
    init?(json: JSON) {
        guard let name = json["drawing"]?.string, let digest = json["sha256"]?.string else { return nil }
        self.name = name
        self.digest = digest
    }

    static func digest(of file: [UInt8]) -> String { Digest.sha256(file).hexadecimal }
}
