import Kernel

extension MemeFindings {
    /// As it is shared between processes.
    var json: JSON {
        [
            "intent": JSON(intent), "degraded": JSON(degraded),
            "hits": JSON(
                hits.map { hit -> JSON in
                    [
                        "number": JSON(Int64(hit.number)), "id": JSON(hit.id), "score": JSON(hit.score),
                        "words": JSON(hit.words), "hidden": JSON(hit.hidden), "terms": JSON(hit.terms.map(\.json)),
                    ]
                }
            ),
        ]
    }

    /// Reads what ``json`` wrote; `nil` for anything else.
    init?(json: JSON?) {
        guard let json, let intent = json["intent"]?.string, let hits = json["hits"]?.array else { return nil }
        let read = hits.compactMap(Hit.init(json:))
        guard read.count == hits.count else { return nil }
        self.init(hits: read, intent: intent, degraded: json["degraded"]?.array?.compactMap(\.string) ?? [])
    }
}

extension MemeFindings.Hit {
    fileprivate init?(json: JSON) {
        guard let number = json["number"]?.integer.flatMap({ UInt32(exactly: $0) }), let id = json["id"]?.string,
            let score = json["score"]?.number, let terms = json["terms"]?.array
        else { return nil }
        self.init(
            number: number,
            id: id,
            score: score,
            terms: terms.compactMap(MemeFindings.Reason.init(json:)),
            words: json["words"]?.array?.compactMap(\.string) ?? [],
            hidden: Int(json["hidden"]?.integer ?? 0),
        )
    }
}

extension MemeFindings.Reason {
    /// As answers tell it.
    var json: JSON {
        [
            "leg": JSON(leg), "share": JSON(share), "weight": JSON(weight), "contribution": JSON(contribution),
        ]
    }

    fileprivate init?(json: JSON) {
        guard let leg = json["leg"]?.string, let share = json["share"]?.number, let weight = json["weight"]?.number,
            let contribution = json["contribution"]?.number
        else { return nil }
        self.init(leg: leg, share: share, weight: weight, contribution: contribution)
    }
}
