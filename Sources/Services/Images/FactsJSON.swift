import Imaging
import Kernel

/// What the pipeline found out about a picture, as it stands in `metadata`.
func factsJSON(_ facts: PictureFacts) -> JSON {
    [
        "original_dimensions": ["width": JSON(facts.size.width), "height": JSON(facts.size.height)]
    ]
}
