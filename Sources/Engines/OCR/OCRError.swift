import Kernel

/// Why a picture was not read. A picture that cannot be decoded gives an ``ImagingError`` instead.
package enum OCRError: Failure, Equatable {
    /// Tesseract failed where the picture is not to blame. The text is for the log.
    case failed(String)
    /// The data of a language is not installed.
    case languageMissing(String)
    /// The text was not read within the time allowed.
    case outOfTime

    package var status: Int {
        switch self {
        case .failed, .languageMissing: 500
        case .outOfTime: 503
        }
    }

    package var code: String {
        switch self {
        case .failed: "ocr_failed"
        case .languageMissing: "ocr_language_missing"
        case .outOfTime: "ocr_out_of_time"
        }
    }

    package var message: String {
        switch self {
        case .failed: "The text of the picture could not be read because of a problem on the server."
        case .languageMissing(let language):
            """
            The data to read the language \(language) is not installed. \
            Run: apt-get install \(Self.package(for: language))
            """
        case .outOfTime: "The text of the picture took too long to read. Try again later, or send a smaller one."
        }
    }

    /// Debian's package with the data of a language, such as `tesseract-ocr-chi-sim`.
    static func package(for language: String) -> String {
        "tesseract-ocr-" + language.replacing("_", with: "-")
    }
}
