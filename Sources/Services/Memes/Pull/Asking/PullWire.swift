import Kernel

/// Pulls as JSON.
struct PullWire: Sendable {
    /// All that is known of a pull's progress.
    func progress(_ progress: PullProgress) -> JSON {
        let rate = (progress.rate * 10).rounded() / 10
        return job(progress.pull).merging([
            "state": JSON(progress.state),
            "counts": counts(progress.counts),
            "skipped": .object(progress.skipped.sorted { $0.key < $1.key }.map { ($0.key, JSON($0.value)) }),
            "by_stage": stages(progress.stages),
            "unfinished": JSON(progress.unfinished),
            "rate_per_s": JSON(rate),
            "eta_s": JSON(progress.remaining.map { Int($0.seconds.rounded(.up)) }),
            "bytes": JSON(progress.bytes),
            "cost": ["vlm_calls": JSON(progress.stages[.describe]?["done"] ?? 0), "tokens": nil],
            "errors": JSON(progress.troubles.map(trouble)),
        ])
    }

    /// What stands in the list of pulls.
    func job(_ pull: Pull) -> JSON {
        var json: JSON = [
            "job_id": JSON(pull.id), "source": JSON(pull.address.text), "profile": JSON(pull.profile),
            "options": pull.options.json, "state": JSON(pull.state.rawValue), "listed": JSON(pull.listed),
            "list_done": .bool(pull.isListed), "missing": JSON(pull.missing), "deleted": JSON(pull.deleted),
            "last_key": JSON(pull.lastKey),
            "created_at": JSON(pull.createdAt), "finished_at": JSON(pull.finishedAt),
            "status_url": JSON("/pull/\(pull.id)"),
        ]
        if let error = pull.error {
            json["listing_error"] = ["code": JSON(error.code), "message": JSON(error.message)]
        }
        return json
    }

    /// An object and why it is where it is.
    func item(_ item: PullItem) -> JSON {
        [
            "key": JSON(item.key), "size": JSON(item.size), "state": JSON(item.state.rawValue),
            "reason": JSON(item.reason), "message": JSON(item.message), "attempts": JSON(item.attempts),
            "next_try": JSON(item.nextTry), "meme_id": JSON(item.meme?.description),
        ]
    }

    private func counts(_ counts: [PullItem.State: Int]) -> JSON {
        .object(PullItem.State.allCases.map { ($0.rawValue, JSON(counts[$0] ?? 0)) })
    }

    private func stages(_ stages: [MemeStage: [String: Int]]) -> JSON {
        .object(
            MemeStage.allCases.map { stage in
                (
                    stage.rawValue,
                    .object((stages[stage] ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, JSON($0.value)) }),
                )
            }
        )
    }

    private func trouble(_ trouble: PullProgress.Trouble) -> JSON {
        [
            "class": JSON(trouble.category), "reason": JSON(trouble.reason), "count": JSON(trouble.count),
            "sample_key": JSON(trouble.sampleKey), "message": JSON(trouble.message),
        ]
    }
}
