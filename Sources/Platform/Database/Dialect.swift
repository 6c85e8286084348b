/// The engine a statement is written for. Statements are shared wherever they can be; what cannot be shared asks for
/// the dialect in one file per engine.
package enum Dialect: String, Sendable, CaseIterable {
    case sqlite
    case postgresql
}
