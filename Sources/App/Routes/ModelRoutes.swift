import HTTPServer
import Kernel
import ModelGateway

/// The models that are set up, for operators.
struct ModelRoutes: Sendable {
    let models: ModelGateway

    func addRoutes(to router: inout Router, operatorOnly: any Middleware) {
        router.get("/api/v1/models", middleware: [operatorOnly], list)
    }

    /// `GET /api/v1/models`
    func list(_ request: Request) async throws -> Response {
        .json(modelsJSON(try await models.status(), models.settings))
    }
}

/// What `pictor models --json` and the server tell.
func modelsJSON(_ models: [ModelStatus], _ settings: ModelGatewaySettings) -> JSON {
    [
        "models": JSON(models.map(modelJSON)), "currency": JSON(settings.currency),
        "daily_budget": JSON(settings.dailyBudget),
        "cost_today": .number(models.reduce(0) { $0 + $1.costToday }),
    ]
}

private func modelJSON(_ model: ModelStatus) -> JSON {
    let quotas = model.quotas.map { quota -> JSON in
        ["name": JSON(quota.name), "used": JSON(quota.used), "limit": JSON(quota.limit)]
    }
    return [
        "provider": JSON(model.model.provider), "model": JSON(model.model.model), "kind": JSON(model.kind.rawValue),
        "purposes": JSON(model.purposes.map(\.rawValue)), "first_for": JSON(model.isFirstFor.map(\.rawValue)),
        "quotas": JSON(quotas), "breaker": JSON(model.breaker), "reason": JSON(model.reason?.rawValue),
        "paused_until": JSON(model.pausedUntil), "requests_today": JSON(model.requestsToday),
        "errors_today": JSON(model.errorsToday), "tokens_today": JSON(model.tokensToday),
        "cost_today": .number(model.costToday), "missing": JSON(model.missing),
    ]
}
