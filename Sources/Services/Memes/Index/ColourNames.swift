/// The names of colours given as `#rrggbb`, each once, in their order: what people call what they see.
func namesOfColours(_ colours: [String]) -> [String] {
    var names: [String] = []
    for colour in colours {
        guard let value = UInt32(colour.dropFirst(), radix: 16) else { continue }
        let name = colourName(
            red: Double(value >> 16 & 255) / 255,
            green: Double(value >> 8 & 255) / 255,
            blue: Double(value & 255) / 255,
        )
        if !names.contains(name) { names.append(name) }
    }
    return names
}

/// By hue, saturation and lightness; brown is dark orange, pink is light red.
private func colourName(red: Double, green: Double, blue: Double) -> String {
    let (high, low) = (max(red, green, blue), min(red, green, blue))
    let lightness = (high + low) / 2
    let chroma = high - low
    if lightness < 0.12 { return "black" }
    if lightness > 0.92 { return "white" }
    if chroma < 0.12 { return lightness > 0.85 ? "white" : lightness < 0.2 ? "black" : "gray" }
    let hue = degrees(red: red, green: green, blue: blue, high: high, chroma: chroma)
    switch hue {
    case ..<14, 345...: return lightness > 0.7 ? "pink" : "red"
    case ..<42: return lightness < 0.4 ? "brown" : "orange"
    case ..<68: return "yellow"
    case ..<165: return "green"
    case ..<195: return "cyan"
    case ..<255: return "blue"
    case ..<290: return "purple"
    default: return lightness > 0.55 ? "pink" : "purple"
    }
}

private func degrees(red: Double, green: Double, blue: Double, high: Double, chroma: Double) -> Double {
    let sixth =
        if high == red {
            (green - blue) / chroma
        } else if high == green {
            (blue - red) / chroma + 2
        } else {
            (red - green) / chroma + 4
        }
    return sixth < 0 ? (sixth + 6) * 60 : sixth * 60
}
