import Testing

@testable import Lettering
