import Kernel
import Synchronization
import Telemetry

/// The metric `rate_limit_current_usage`: most uploads of one user in the window that runs. Users are no label, because
/// there may be any number of them. Begins at 0 with the process. Where windows slide, the most there were stays until
/// all of that user's places are back.
final class QuotaGauge: Sendable {
    private let busiest = Mutex<(used: Int, resetAt: Timestamp)>((0, Timestamp(milliseconds: 0)))
    private let time: any TimeSource

    init(_ metrics: Metrics, time: any TimeSource) {
        self.time = time
        let gauge = metrics.gauge("rate_limit_current_usage", "Most uploads of one user in the current window.")
        metrics.onCollect { [self] in
            let busiest = busiest.withLock { $0 }
            gauge.set(time.now < busiest.resetAt ? Double(busiest.used) : 0)
        }
    }

    /// Takes notice of a user's state after an upload.
    func record(_ state: UploadQuota.State) {
        let now = time.now
        busiest.withLock { busiest in
            if state.used >= busiest.used || now >= busiest.resetAt { busiest = (state.used, state.resetAt) }
        }
    }
}
