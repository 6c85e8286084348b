extension RandomAccessCollection {
    /// The index of the first element for which `belongs` holds, or the end, by halving: it must hold for all elements after
    /// one for which it does.
    @inlinable
    package func partitioningIndex(where belongs: (Element) -> Bool) -> Index {
        var (low, count) = (startIndex, self.count)
        while count > 0 {
            let half = count / 2
            let middle = index(low, offsetBy: half)
            if belongs(self[middle]) {
                count = half
            } else {
                low = index(after: middle)
                count -= half + 1
            }
        }
        return low
    }
}
