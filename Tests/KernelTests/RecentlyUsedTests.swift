import Kernel
import Testing

@Suite struct RecentlyUsedTests {
    @Test func whatIsAskedForStaysAndTheRestMakesRoom() {
        let recent = RecentlyUsed<Int, String>(limit: 10)
        for key in 0..<100 {
            recent[key] = "\(key)"
            #expect(recent[0] == "0", "asked for each time")
        }
        #expect(recent[99] == "99" && recent[50] == nil)
        recent[0] = nil
        #expect(recent[0] == nil)
    }
}
