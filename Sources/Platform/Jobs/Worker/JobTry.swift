import Kernel
import Telemetry

/// How one try ended.
enum TryEnd: Sendable {
    case worked(JobEffect)
    case failed(any Error, StopReason?)
}

extension JobQueue {
    /// Runs the work of a claimed job once, with its request id, timeout and place among the running, and ends the
    /// running span with it.
    ///
    /// Work that does not end although it was told to is left to itself after `abandonAfter`: it keeps its thread, but
    /// not its lane, and the fence keeps it from writing.
    func attempt(_ job: ClaimedJob, _ definition: RegisteredJob) async -> TryEnd {
        let context = JobContext(job, maxAttempts: definition.retry.maxAttempts, jobs: self)
        let end = OneShot<Result<JobEffect, any Error>>()
        let span = Span.current
        let task = Task {
            await RequestID.$current.withValue(job.requestID) {
                do {
                    end.fulfil(.success(try await job.work(context)))
                } catch {
                    end.fulfil(.failure(error))
                }
            }
        }
        running.add(
            job,
            deadline: time.now + definition.timeout,
            stop: { task.cancel() },
            abandon: { end.fulfil(.failure(CancellationError())) },
        )
        let result = await end.wait()
        let reason = running.remove(job)
        switch result {
        // Work that was done in spite of being told to stop is done; the fence decides whether it still counts.
        case .success(let effect):
            span?.end()
            return .worked(effect)
        case .failure(let error):
            span?.end(problem: (error as? any Failure)?.code ?? "\(type(of: error))")
            return .failed(error, reason)
        }
    }

    /// The span of a try, below that of whoever enqueued the job.
    func beginSpan(_ job: ClaimedJob) -> Span? {
        tracer.begin(
            "job",
            kind: .consumer,
            parent: job.traceParent.flatMap(TraceContext.init(traceparent:)),
            [
                "job.kind": job.kind, "job.id": job.id.description, "job.attempt": "\(job.attempt)",
                "messaging.destination.name": job.queue, "request.id": job.requestID ?? "",
            ],
        )
    }
}
