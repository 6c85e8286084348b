/// Why a provider gave no answer, as one of a few kinds that decide what happens next.
package struct ProviderFault: Error, Sendable, Hashable {
    /// What it means for the next call; the label `class` of the metrics.
    package enum Kind: String, Sendable, CaseIterable {
        /// The key is missing, wrong or may not do this: the provider is left alone.
        case access
        /// A success that is none: HTML, broken JSON, wrong lengths. Counts as a failure of the provider.
        case answer
        /// The content is refused: another provider may take it.
        case content
        /// The provider does not know the model: the model is left alone.
        case model
        /// Money or plan are used up: the provider, or for the day the model, is left alone.
        case quota
        /// Too fast: the model is left alone for as long as it says.
        case rate
        /// The request is wrong in itself.
        case request
        /// Too much at once: a batch is halved.
        case size
        /// Anything that may pass by itself.
        case transient
    }

    package let kind: Kind
    package let model: ModelName
    /// The HTTP status; 0 when there was no answer.
    package let status: Int
    /// The provider's own code, or ours in its place.
    package let code: String
    /// What the provider said, shortened and without keys and pictures.
    package let detail: String
    /// How long the provider wants to be left alone; `nil` when it does not say.
    package let retryAfter: Duration?
    /// What is paid for all the same: a refusal or a broken answer may come with a bill.
    var billed = ModelUsage()

    package init(
        _ kind: Kind,
        _ model: ModelName,
        status: Int = 0,
        code: String,
        detail: String = "",
        retryAfter: Duration? = nil,
    ) {
        self.kind = kind
        self.model = model
        self.status = status
        self.code = code
        self.detail = detail
        self.retryAfter = retryAfter
    }
}
