import Kernel
import Synchronization
import Telemetry

/// The metric `rate_limit_current_usage`: most uploads of one user in the window that runs. Users are no label, because
/// there may be any number of them. Begins at 0 with the process.
final class QuotaGauge: Sendable {
    private let busiest = Mutex<(used: Int, resetAt: Timestamp)>((0, Timestamp(milliseconds: 0)))

    init(_ metrics: Metrics, time: any TimeSource) {
        let gauge = metrics.gauge("rate_limit_current_usage", "Most uploads of one user in the current window.")
        metrics.onCollect { [self] in
            let busiest = busiest.withLock { $0 }
            gauge.set(time.now < busiest.resetAt ? Double(busiest.used) : 0)
        }
    }

    /// Takes notice of a user's state after an upload.
    func record(_ state: UploadQuota.State) {
        busiest.withLock { busiest in
            if state.resetAt > busiest.resetAt {
                busiest = (state.used, state.resetAt)
            } else if state.resetAt == busiest.resetAt {
                busiest.used = max(busiest.used, state.used)
            }
        }
    }
}
