import Kernel
import Telemetry
import TestSupport
import Testing

@Suite struct LogTests {
    /// A log whose lines a test reads.
    private struct Paper {
        private let pieces = Recorder<[UInt8]>()
        private let sink: LogSink
        let log: Log

        init(_ format: LogSink.Format, _ level: Log.Level = .debug) {
            sink = LogSink(format: format, level: level) { [pieces] in pieces.add($0) }
            log = Log(sink)
        }

        var writes: Int { pieces.all.count }

        var text: String {
            sink.flush()
            return String(decoding: pieces.all.joined(), as: UTF8.self)
        }
        var lines: [Substring] { text.split(separator: "\n") }
    }

    @Test("a JSON line is one object with time, level, message and the fields in order")
    func json() throws {
        let paper = Paper(.json)
        let before = Timestamp.now()
        paper.log.with(["job.id": "7"]).warning("job failed", ["error": "a \"b\"\n\u{1}", "retry.ms": "250"])
        #expect(paper.text.hasSuffix("}\n"))
        let line = try #require(paper.lines.first)
        let value = try JSON(parsing: Array(line.utf8))
        let time = try #require(value["time"]?.string.flatMap { Timestamp(rfc3339: $0) })
        #expect((before...Timestamp.now()).contains(time))
        #expect(
            line.hasSuffix(
                #""level":"warning","message":"job failed","job.id":"7","error":"a \"b\"\n\u0001","retry.ms":"250"}"#
            )
        )
        #expect(paper.lines.count == 1)
    }

    @Test("a line for people has the time of day, a mark, the message and its fields")
    func human() throws {
        let paper = Paper(.human)
        paper.log.info("job done", ["kind": "x", "note": "two words", "empty": "", "quote": "a\"b", "feed": "a\nb"])
        paper.log.error("broken")
        let first = try #require(paper.lines.first)
        let time = /\d\d:\d\d:\d\d\.\d\d\d/
        #expect(first.prefixMatch(of: time) != nil)
        #expect(first.dropFirst(12) == #"   job done  kind=x  note="two words"  empty=""  quote="a\"b"  feed="a\nb""#)
        #expect(paper.lines[1].dropFirst(12) == " ✗ broken")
    }

    @Test("what is below the level is neither written nor computed")
    func levels() {
        let paper = Paper(.json, .warning)
        func costly() -> String {
            Issue.record("computed for nothing")
            return ""
        }
        paper.log.debug("no", ["x": costly()])
        paper.log.info("no", ["x": costly()])
        paper.log.warning("yes")
        paper.log.error("yes")
        #expect(paper.lines.count == 2)
    }

    @Test("the request that is served is on every line")
    func requestID() {
        let paper = Paper(.json)
        RequestID.$current.withValue("r-1") { paper.log.info("inside") }
        paper.log.info("outside")
        #expect(paper.lines[0].hasSuffix(#""message":"inside","request.id":"r-1"}"#))
        #expect(paper.lines[1].hasSuffix(#""message":"outside"}"#))
    }

    @Test("a secret does not get into a line")
    func secrets() {
        let paper = Paper(.json)
        paper.log.info("key made", ["key": "\(Secret("hunter2"))"])
        #expect(paper.text.contains("****"))
        #expect(!paper.text.contains("hunter2"))
    }

    @Test("nothing that a client sends can forge a line", arguments: LogSink.Format.allCases)
    func forgery(format: LogSink.Format) {
        let paper = Paper(format)
        paper.log.info("request", ["path": "/x\n{\"level\":\"error\"}\r\n\u{85}\u{2028}"])
        #expect(paper.text.utf8.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        #expect(paper.text.utf8.filter { $0 == UInt8(ascii: "\r") }.isEmpty)
    }

    @Test("lines are collected and written together, an error at once")
    func collected() {
        let paper = Paper(.json)
        for _ in 0..<10 { paper.log.info("one") }
        #expect(paper.writes == 0)
        paper.log.error("now")
        #expect(paper.writes == 1)
        for _ in 0..<2000 { paper.log.info("a line of some length, so that the collection is soon full") }
        #expect((2...5).contains(paper.writes))
        #expect(paper.lines.count == 2011)
    }

    @Test("lines of many threads stay whole")
    func threads() async throws {
        let paper = Paper(.json)
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for line in 0..<500 { paper.log.info("line", ["task": "\(task)", "line": "\(line)"]) }
                }
            }
        }
        let lines = paper.lines
        #expect(lines.count == 4000)
        for line in lines { _ = try JSON(parsing: Array(line.utf8)) }
    }

    @Test("a silent log writes nothing")
    func silent() { Log.silent.error("nobody reads this") }
}
