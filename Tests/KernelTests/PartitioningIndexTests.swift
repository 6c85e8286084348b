import Kernel
import Testing

@Suite struct PartitioningIndexTests {
    @Test func itIsWhereALinearSearchStops() {
        for count in 0..<20 {
            let numbers = Array(0..<count)
            for bound in -1...count {
                #expect(numbers.partitioningIndex { $0 >= bound } == max(0, bound))
                let slice = numbers.dropFirst(3)
                let first = slice.firstIndex { $0 >= bound } ?? slice.endIndex
                #expect(slice.partitioningIndex { $0 >= bound } == first)
            }
        }
    }
}
