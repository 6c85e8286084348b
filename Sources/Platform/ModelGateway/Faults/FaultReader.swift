import HTTPClient
import Kernel

/// Understands what a provider says when it gives no answer: by its codes first, by the status where it has none.
/// Words of a message count only where a provider has no code for what they say.
struct FaultReader: Sendable {
    let entry: ModelEntry
    let redactor: Redactor
    let now: Timestamp

    /// Of an answer that is no success.
    func fault(_ status: Int, _ headers: HTTPHeaders, _ body: [UInt8]) -> ProviderFault {
        fault(status, headers, ErrorBody(body))
    }

    /// Of an error object, also one that came with a success.
    func fault(_ status: Int, _ headers: HTTPHeaders, _ body: ErrorBody) -> ProviderFault {
        let (kind, delay) = ProviderRules.of(entry.kind).classify(status, body)
        let told = [delay, header(headers), WaitText.inSentence(body.message)]
        return ProviderFault(
            kind,
            entry.name,
            status: status,
            code: redactor.redact(body.code(or: "http_\(status)")),
            detail: redactor.redact(body.message),
            retryAfter: told.compactMap { $0 }.first,
        )
    }

    /// Of a call without an answer.
    func fault(_ error: HTTPClientError) -> ProviderFault {
        let kind: ProviderFault.Kind =
            switch error {
            case .badRequest, .forbiddenAddress, .unreadableBody: .request
            case .tooLarge, .tooManyRedirects: .answer
            case .busy, .cancelled, .insecure, .interrupted, .timedOut, .unreachable: .transient
            }
        return ProviderFault(kind, entry.name, code: error.code, detail: redactor.redact("\(error)"))
    }

    /// Of a success that is none.
    func lie(_ status: Int, _ reason: String) -> ProviderFault {
        ProviderFault(.answer, entry.name, status: status, code: "bad_answer", detail: redactor.redact(reason))
    }

    /// Of a success whose answer is worth nothing; `problem` is what reading it threw.
    func worthless(_ status: Int, _ problem: any Error) -> ProviderFault {
        func content(_ code: String, _ reason: String) -> ProviderFault {
            ProviderFault(.content, entry.name, status: status, code: code, detail: redactor.redact(reason))
        }
        switch problem {
        case WireProblem.refused(let reason): return content("refused", reason)
        case WireProblem.noPicture(let reason): return content("no_picture", reason)
        default: return lie(status, "\(problem)")
        }
    }

    /// How long a provider wants to be left alone although it has answered: nothing is left of this minute. Only some
    /// tell (`x-ratelimit-…` of OpenAI and what answers like it).
    func exhausted(_ headers: HTTPHeaders) -> Duration? {
        ["requests", "tokens"].compactMap { name -> Duration? in
            guard headers["x-ratelimit-remaining-\(name)"] == "0" else { return nil }
            return headers["x-ratelimit-reset-\(name)"].flatMap { WaitText.duration($0) }
        }.max()
    }

    private func header(_ headers: HTTPHeaders) -> Duration? {
        if let text = headers["retry-after-ms"], let milliseconds = Double(text), milliseconds >= 0 {
            return .milliseconds(Int64(min(milliseconds, 86_400_000)))
        }
        return headers["Retry-After"].flatMap { WaitText.retryAfter($0, now: now) }
    }
}
