extension Sample {
    /// The mean of all pixels, each weighed by how opaque it is: what a reduction to one pixel gives. Of a picture
    /// that nobody can see, the mean of the colours that stand in the file.
    var averageColour: Colour {
        let isVisible = stride(from: 3, to: pixels.count, by: 4).contains { pixels[$0] > 0 }
        var sums = (red: 0, green: 0, blue: 0, weight: 0)
        for offset in stride(from: 0, to: pixels.count, by: 4) {
            let weight = isVisible ? Int(pixels[offset + 3]) : 1
            sums.red += Int(pixels[offset]) * weight
            sums.green += Int(pixels[offset + 1]) * weight
            sums.blue += Int(pixels[offset + 2]) * weight
            sums.weight += weight
        }
        func mean(_ sum: Int) -> UInt8 { UInt8((sum + sums.weight / 2) / sums.weight) }
        return Colour(red: mean(sums.red), green: mean(sums.green), blue: mean(sums.blue))
    }
}
