import HTTPClient
import Kernel
import SharedState
import Telemetry

/// Asks another service for permissions that stand in no token: behind a cache, so that it is asked seldom, and a
/// circuit breaker, so that its end is not ours.
package final class RemotePermissions: Sendable {
    package let settings: PermissionSettings
    private let url: String
    private let cache: PermissionCache
    private let breaker: ServiceBreaker
    private let service: PermissionService
    private let state: any SharedState
    private let log: Log
    private let checks: Counter
    private let flights = SingleFlight<PermissionQuestion, Bool>()

    /// `nil` when no service is set.
    ///
    /// `state` is shared by all who share answers and the breaker; `chance` is a random number from 0 to 1.
    package init?(
        _ settings: PermissionSettings,
        client: HTTPClient,
        state: any SharedState,
        time: any TimeSource,
        log: Log,
        metrics: Metrics,
        chance: @escaping @Sendable () -> Double = { .random(in: 0...1) },
    ) {
        guard let url = settings.url else { return nil }
        self.settings = settings
        self.url = url
        self.state = state
        self.log = log
        cache = PermissionCache(state, lifetimes: settings.lifetimes)
        breaker = ServiceBreaker(
            key: "auth:circuit_breaker",
            threshold: settings.breakerThreshold,
            // An hour without any answer at all, good or bad, makes failures no longer "in a row".
            window: .seconds(3600),
            timeout: settings.breakerTimeout,
            probeLimit: settings.timeout * 2 + .seconds(5),
            state: state,
            time: time,
            chance: chance,
        )
        service = PermissionService(url: url, timeout: settings.timeout, client: client)
        checks = metrics.counter(
            "authorization_checks_total",
            "Permissions asked for, by where the answer came from.",
            labels: ["result"],
        )
    }

    /// Whether the service grants the permission to the principal. A thousand who ask the same at once are one call.
    /// Only users are asked for: an API key has its scopes, and what its owner may is not its own.
    ///
    /// - Throws: ``AccountsError/authorizationUnavailable(retryAfter:)`` when the service cannot be asked, unless the
    ///   settings let everybody in then.
    package func allows(_ permission: String, to principal: Principal) async throws -> Bool {
        guard principal.proof == .token else { return false }
        let question = PermissionQuestion(
            organization: principal.organization ?? Principal.defaultOrganization,
            subject: principal.subject,
            permission: permission,
        )
        if let known = await known(question) {
            checks.add(1, known ? "cached_allowed" : "cached_denied")
            return known
        }
        do {
            return try await flights(question) { try await self.ask(question) }
        } catch {
            guard settings.failsOpen else { throw error }
            checks.add(1, "failed_open")
            return true
        }
    }

    /// Forgets what is known of a user, or of everybody in the organisation when `subject` is `nil`.
    ///
    /// - Returns: How many answers there were.
    package func forget(organization: String, subject: String?) async -> Int {
        await cache.forget(organization: organization, subject: subject)
    }

    private func known(_ question: PermissionQuestion) async -> Bool? {
        settings.isCacheEnabled ? await cache.find(question) : nil
    }

    private func ask(_ question: PermissionQuestion) async throws -> Bool {
        // Whoever missed the cache just before the last flight landed finds its answer here.
        if let known = await known(question) { return known }
        switch await breaker.admit() {
        case .refused(let wait):
            checks.add(1, "refused")
            throw AccountsError.authorizationUnavailable(retryAfter: max(wait, .seconds(1)))
        case .admitted(let permit): return try await ask(question, permit)
        }
    }

    private func ask(_ question: PermissionQuestion, _ permit: ServiceBreaker.Permit) async throws -> Bool {
        do {
            let isAllowed = try await service.allows(question)
            checks.add(1, isAllowed ? "allowed" : "denied")
            if settings.isCacheEnabled { await cache.keep(isAllowed, for: question) }
            if await breaker.succeeded(permit) {
                log.info("authorization service is back", ["authorization.url": url])
            }
            return isAllowed
        } catch {
            checks.add(1, "failed")
            log.warning("authorization service failed", ["authorization.url": url, "error": "\(error)"])
            if await breaker.failed(permit) {
                log.error("authorization circuit opened", ["authorization.url": url])
            }
            throw AccountsError.authorizationUnavailable(retryAfter: .seconds(1))
        }
    }
}

extension RemotePermissions {
    /// What `/health/auth` tells.
    package struct Status: Sendable {
        package let url: String
        /// `closed`, `open` or `half_open`.
        package let circuit: String
        /// In a row, until now or until the circuit opened.
        package let failures: Int
        package let openedAt: Timestamp?
        /// Whether answers can be kept.
        package let isCacheReachable: Bool
    }

    /// How the service and the cache are. Asks neither user nor service anything.
    package func status() async -> Status {
        let circuit = await breaker.status()
        await state.set("auth:health", [1], ttl: .seconds(60))
        return Status(
            url: url,
            circuit: circuit.state,
            failures: circuit.failures,
            openedAt: circuit.openedAt,
            isCacheReachable: await state.get("auth:health") != nil,
        )
    }
}
