import Kernel
import Synchronization

/// The running programs of one pair. It translates texts one after another, many under way at once.
final class ApertiumPipe: Sendable {
    /// How long the pipe may be silent.
    struct Patience {
        let base: Duration

        /// More for a long text: a pipe of a very busy machine reads 10 kB in a second.
        func time(for bytes: Int) -> Duration { base + .microseconds(300) * bytes }
    }

    /// More than any translation grows: beyond, a pipe is mad.
    private static let growth = 20

    let pipeline: ProcessPipeline
    /// Messages so far: each has a number of its own, so that a late answer is never taken for another's.
    private let sent = Atomic(0)

    /// Starts the programs and waits until they answer, at most `startTime`. Throws `NotStarted`,
    /// ``ProcessPipeline/Broken`` or ``ApertiumMessage/Rubbish``.
    init(_ mode: ModeFile, startTime: Duration) throws {
        pipeline = try ProcessPipeline(
            mode.stages,
            environment: ["LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"],
        )
        var answers: [ApertiumMessage.Answer] = []
        try translate(["."], into: &answers, Patience(base: startTime))
    }

    /// Adds an answer for each text. After an error those before it are there, the pipe is of no use, and its caller
    /// ends it.
    func translate(
        _ texts: ArraySlice<String>,
        into answers: inout [ApertiumMessage.Answer],
        _ patience: Patience,
    ) throws {
        let messages = texts.map { ApertiumMessage($0, number: sent.add(1, ordering: .relaxed).newValue) }
        let all = messages.flatMap(\.bytes)
        var sending = all[...]
        var received: [UInt8] = []
        for message in messages {
            let deadline = ContinuousClock.now + patience.time(for: message.bytes.count)
            while true {
                if let end = received.firstIndex(of: 0) {
                    answers.append(try message.answer(received[..<end]))
                    received.removeFirst(end + 1)
                    break
                }
                guard received.count <= Self.growth * message.bytes.count + 65_536 else {
                    throw ApertiumMessage.Rubbish()
                }
                try pipeline.exchange(sending: &sending, received: &received, until: deadline)
            }
        }
        guard received.isEmpty else { throw ApertiumMessage.Rubbish() }
    }
}
