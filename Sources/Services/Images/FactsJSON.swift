import FoundationEssentials
import Imaging
import Kernel

/// What the pipeline found out about a picture, as it stands in `metadata`.
func factsJSON(_ facts: PictureFacts) -> JSON {
    [
        "original_dimensions": ["width": JSON(facts.size.width), "height": JSON(facts.size.height)],
        // What the original called dominant is the mean; the colour that most pixels have stands in `dominant`.
        "dominant_color": JSON(facts.averageColour.hexadecimal),
        "average_color": JSON(facts.averageColour.hexadecimal),
        "dominant": JSON(facts.dominantColour.hexadecimal),
        "palette": JSON(facts.palette.map(\.hexadecimal)),
        "blurhash": JSON(facts.blurHash),
        "thumbhash": JSON(Data(facts.thumbHash).base64EncodedString()),
        "placeholder": JSON("data:image/webp;base64,\(Data(facts.placeholder).base64EncodedString())"),
        "perceptual_hash": JSON(hashText(facts.perceptualHash)),
        "difference_hash": JSON(hashText(facts.differenceHash)),
    ]
}

/// 16 hexadecimal digits.
private func hashText(_ hash: UInt64) -> String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
