import Glibc

extension Sample {
    /// A blurred picture in 28 characters, as described at github.com/woltapp/blurhash (`Algorithm.md`): 4 x 3
    /// frequencies, 3 x 4 of a picture that is higher than wide. Transparent parts count as the average colour, since
    /// a BlurHash has no alpha.
    var blurHash: String {
        let (across, down) = size.width >= size.height ? (4, 3) : (3, 4)
        return blurHash(across: across, down: down)
    }

    /// The same with other numbers of frequencies, 1...9 each.
    func blurHash(across: Int, down: Int) -> String {
        let factors = factors(across, down)
        let largest = factors.dropFirst().flatMap { [$0.red, $0.green, $0.blue] }.map(abs).max() ?? 0
        let scale = factors.count > 1 ? Int(max(0, min(82, (largest * 166 - 0.5).rounded(.down)))) : 0
        let average = factors[0].map(sRGB).reduce(0) { $0 << 8 | $1 }
        return base83(across - 1 + (down - 1) * 9, digits: 1) + base83(scale, digits: 1) + base83(average, digits: 4)
            + factors.dropFirst().map { base83($0.quantised(by: Double(scale + 1) / 166), digits: 2) }.joined()
    }

    private func factors(_ across: Int, _ down: Int) -> [LinearColour] {
        let planes = linearPlanes()
        let columns = (0..<across).map { Plane.cosine(halfTurns: $0, over: size.width, offset: 0) }
        let rows = (0..<down).map { Plane.cosine(halfTurns: $0, over: size.height, offset: 0) }
        return rows.indices.flatMap { y in
            columns.indices.map { x in
                let norm = (x == 0 && y == 0 ? 1 : 2) / Double(size.pixels)
                let sums = planes.map { norm * $0.sum(across: columns[x], down: rows[y]) }
                return LinearColour(red: sums[0], green: sums[1], blue: sums[2])
            }
        }
    }

    /// Red, green and blue in linear light.
    private func linearPlanes() -> [Plane] {
        let average = averageColour
        return [average.red, average.green, average.blue].enumerated().map { channel, ground in
            let values = stride(from: 0, to: pixels.count, by: 4).map { offset in
                let opacity = Int(pixels[offset + 3])
                return linear[(Int(pixels[offset + channel]) * opacity + Int(ground) * (255 - opacity) + 127) / 255]
            }
            return Plane(width: size.width, height: size.height, values: values)
        }
    }
}

/// How strong one frequency is in each channel, in linear light.
private struct LinearColour {
    var red: Double
    var green: Double
    var blue: Double

    func map<Value>(_ transform: (Double) -> Value) -> [Value] { [red, green, blue].map(transform) }

    /// 19 steps for each channel, finer around zero.
    func quantised(by scale: Double) -> Int {
        map { value in
            let root = copysign(abs(value / scale).squareRoot(), value)
            return Int(max(0, min(18, (root * 9 + 9.5).rounded(.down))))
        }.reduce(0) { $0 * 19 + $1 }
    }
}

/// Linear light of each sRGB value (IEC 61966-2-1).
private let linear: [Double] = (0...255).map { value in
    let share = Double(value) / 255
    return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
}

private func sRGB(_ linear: Double) -> Int {
    let light = max(0, min(1, linear))
    let share = light <= 0.003_130_8 ? light * 12.92 : 1.055 * pow(light, 1 / 2.4) - 0.055
    return Int(share * 255 + 0.5)
}

private func base83(_ value: Int, digits: Int) -> String {
    let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~")
    var (rest, text) = (value, "")
    for _ in 0..<digits {
        text = String(alphabet[rest % 83]) + text
        rest /= 83
    }
    return text
}
