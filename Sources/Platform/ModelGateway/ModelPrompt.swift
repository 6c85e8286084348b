/// What a model is asked in words. The one who asks owns the words and their version.
package struct ModelPrompt: Sendable {
    /// Who the model shall be; what comes from pictures or users does not belong here.
    package var system: String
    package var text: String
    package var pictures: [ModelPicture]
    /// What the answer must look like; `nil` for free text.
    package var shape: AnswerShape?
    /// The longest answer. One that is cut off is asked for again with twice as many, once.
    package var maxTokens: Int
    /// 0 to 2; small values repeat themselves.
    package var temperature: Double

    package init(
        system: String = "",
        text: String,
        pictures: [ModelPicture] = [],
        shape: AnswerShape? = nil,
        maxTokens: Int = 400,
        temperature: Double = 0.2,
    ) {
        self.system = system
        self.text = text
        self.pictures = pictures
        self.shape = shape
        self.maxTokens = maxTokens
        self.temperature = temperature
    }
}

/// A picture in a prompt.
package struct ModelPicture: Sendable {
    /// The file, small enough to be sent: 1 MiB is plenty, and no provider takes more than 7 MiB.
    package let bytes: [UInt8]
    /// Such as `image/jpeg`.
    package let mediaType: String
    package let width: Int
    package let height: Int
    /// Where the provider may fetch it; some models take nothing else, and are passed over without it.
    package let address: String?

    package init(bytes: [UInt8], mediaType: String, width: Int, height: Int, address: String? = nil) {
        self.bytes = bytes
        self.mediaType = mediaType
        self.width = width
        self.height = height
        self.address = address
    }
}

/// Which side of a search a text stands on; some models embed both differently.
package enum EmbeddingRole: Sendable {
    case document, query
}
