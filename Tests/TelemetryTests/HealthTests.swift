import Kernel
import Telemetry
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct HealthTests {
    private struct Broken: Error {}

    @Test("reports come in the order of registration, with what is wrong and what is essential")
    func reports() async {
        let health = Health(time: ManualTime())
        health.register("database", isEssential: true) {}
        health.register("storage", isEssential: true) { throw Broken() }
        health.register("search", isEssential: false) { throw Broken() }
        let reports = await health.check()
        #expect(reports.map(\.name) == ["database", "storage", "search"])
        #expect(reports.map(\.problem) == [nil, "Broken()", "Broken()"])
        #expect(reports.map(\.isEssential) == [true, true, false])
    }

    @Test("a part that does not answer in time counts as dead, even when it hears no cancellation")
    func timeout() async {
        let (time, end) = (ManualTime(), Gate())
        let health = Health(time: time, timeout: .seconds(2))
        health.register("deaf", isEssential: true) { await end.pass() }
        async let reports = health.check()
        await time.untilSleepers(1)
        time.advance(by: .milliseconds(1999))
        time.advance(by: .milliseconds(1))
        #expect(await reports.map(\.problem) == ["no answer within 2.0 seconds"])
        end.open()
    }

    @Test("without another wish, a part that says nothing is told within five seconds")
    func standard() async {
        let (time, end) = (ManualTime(), Gate())
        let health = Health(time: time)
        health.register("deaf", isEssential: true) { await end.pass() }
        async let reports = health.check()
        await time.untilSleepers(1)
        time.advance(by: .seconds(5))
        #expect(await reports.first?.problem != nil)
        end.open()
    }

    @Test("parts are asked at the same time")
    func together() async {
        let health = Health(time: ManualTime())
        let meeting = Gate(3)
        for name in ["a", "b", "c"] { health.register(name, isEssential: true) { await meeting.meet() } }
        #expect(await health.check().allSatisfy { $0.problem == nil })
    }

    @Test("a part that was given up is told")
    func cancelled() async {
        let (time, told) = (ManualTime(), Gate())
        let health = Health(time: time)
        health.register("slow", isEssential: true) {
            do { try await time.sleep(until: time.now + .seconds(3600)) } catch { told.open() }
        }
        async let reports = health.check()
        await time.untilSleepers(2)
        time.advance(by: .seconds(2))
        #expect(await reports.first?.problem != nil)
        await told.pass()
    }

    @Test("nothing registered is nothing wrong")
    func empty() async { #expect(await Health().check().isEmpty) }
}
