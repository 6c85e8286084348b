import HTTPServer

enum PrincipalKey: RequestKey { typealias Value = Principal }

extension Request {
    /// Who asks; `nil` for an anonymous request.
    package var principal: Principal? {
        get { self[PrincipalKey.self] }
        set { self[PrincipalKey.self] = newValue }
    }
}
