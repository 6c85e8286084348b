import Kernel

/// Why there is no answer.
package enum ModelError: Failure, Equatable {
    /// A text that no model takes.
    case badInput(String)
    /// Every model that could be asked failed, and may do better in a moment.
    case failed(ProviderFault)
    /// No usable model is set up for this purpose.
    case notConfigured(ModelPurpose)
    /// No model takes this input, ever; `ProviderFault` is the last refusal.
    case refused(ProviderFault)
    /// No model may be asked before `until`: a quota is used up, or the provider wants or needs a pause.
    case waitUntil(Timestamp, ModelWait)

    package var status: Int {
        switch self {
        case .badInput, .refused: 422
        case .failed: 502
        case .notConfigured, .waitUntil: 503
        }
    }

    package var code: String {
        switch self {
        case .badInput: "bad_model_input"
        case .failed: "model_failed"
        case .notConfigured: "model_not_configured"
        case .refused(let fault) where fault.code == "no_picture": "no_picture"
        case .refused(let fault): fault.kind == .content ? "content_refused" : "model_refused"
        case .waitUntil(_, let wait): "waiting_\(wait.reason.rawValue)"
        }
    }

    package var message: String {
        switch self {
        case .badInput(let reason): reason
        case .failed(let fault): "The model \(fault.model) gave no usable answer. Try again in a moment."
        case .notConfigured(let purpose):
            "No model is set up for \(purpose.rawValue). Add one to pictor.yaml; see: pictor models."
        case .refused(let fault) where fault.code == "no_picture": "The model \(fault.model) gave no picture."
        case .refused(let fault):
            fault.kind == .content
                ? "The provider of \(fault.model) refuses this content."
                : "The model \(fault.model) does not take this input."
        case .waitUntil(_, let wait): wait.sentence
        }
    }

    package var retryAfter: Duration? {
        switch self {
        case .badInput, .notConfigured, .refused: nil
        case .failed(let fault): fault.retryAfter ?? .seconds(2)
        case .waitUntil(_, let wait): wait.delay
        }
    }

    package var isPermanent: Bool {
        switch self {
        case .badInput, .notConfigured, .refused: true
        case .failed, .waitUntil: false
        }
    }

    package var postponedUntil: Timestamp? {
        if case .waitUntil(let moment, _) = self { moment } else { nil }
    }
}

/// What a caller waits for.
package struct ModelWait: Sendable, Hashable {
    /// Why the model cannot be asked now.
    package enum Reason: String, Sendable {
        /// The day's money is spent.
        case budget
        /// The key is refused; somebody must look.
        case access
        /// The day's requests or pictures are used up.
        case day
        /// It failed too often.
        case pause
        /// The account is empty or its plan is used up.
        case quota
        /// This minute's requests, tokens or pictures are used up, or the provider asked for slower.
        case rate
    }

    package let reason: Reason
    package let model: ModelName
    /// From when it was said.
    package let delay: Duration

    var sentence: String {
        switch reason {
        case .access: "The provider of \(model) refuses the key. Check it; see: pictor models."
        case .budget: "Today's budget for models is spent. It goes on tomorrow."
        case .day: "Today's quota of \(model) is used up. It goes on tomorrow."
        case .pause: "The model \(model) keeps failing and is paused for a moment."
        case .quota: "The account of \(model) is empty or its plan is used up. See: pictor models."
        case .rate: "The model \(model) is asked as often as allowed. Try again in a moment."
        }
    }
}
