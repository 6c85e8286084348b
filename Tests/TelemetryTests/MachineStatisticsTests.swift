import Telemetry
import Testing

@Suite struct MachineStatisticsTests {
    @Test("the figures of this machine and process are possible ones")
    func plausible() {
        let machine = MachineStatistics.read(path: "/tmp")
        #expect((1...4096).contains(machine.cores))
        #expect((0...100).contains(machine.cpuPercent))
        #expect(machine.memoryTotal > 64 << 20)
        #expect((1...machine.memoryTotal).contains(machine.memoryAvailable))
        #expect(machine.diskTotal > 0)
        #expect((0...machine.diskTotal).contains(machine.diskFree))
        #expect((1 << 20...machine.memoryTotal).contains(machine.processResident))
        #expect(machine.processVirtual >= machine.processResident)
        #expect((1...10_000).contains(machine.processThreads))
        #expect((3...1_000_000).contains(machine.processOpenFiles))
    }

    @Test("a folder that is not there has no space")
    func missing() {
        let space = MachineStatistics.diskSpace(path: "/tmp/pictor-no-such-folder")
        #expect((space.total, space.free) == (0, 0))
    }
}
