import Configuration
import Kernel
import Testing

@Suite struct YAMLDocumentTests {
    @Test func aDocumentBecomesTheSameJSON() throws {
        let yaml = """
            openapi: 3.1.0
            info: {title: "Pictor", version: '1.0'}
            paths:
              /upload:
                post:
                  responses:
                    "202":
                      description: |
                        Accepted.
                        Twice.
            list: [1, -2, 0.5, 1e3, true, null, ~, "1", text]
            empty:
            """
        let expected: JSON = [
            "openapi": "3.1.0",
            "info": ["title": "Pictor", "version": "1.0"],
            "paths": ["/upload": ["post": ["responses": ["202": ["description": "Accepted.\nTwice.\n"]]]]],
            "list": [1, -2, 0.5, 1000, true, nil, nil, "1", "text"],
            "empty": nil,
        ]
        #expect(try JSON(yaml: yaml) == expected)
    }

    @Test func membersKeepTheirOrder() throws {
        #expect(try JSON(yaml: "z: 1\na: 2\nm: 3\n").text == #"{"z":1,"a":2,"m":3}"#)
    }

    @Test(arguments: [
        ("a: &x 1\nb: *x\n", 1), ("a: !!str 1\n", 1), ("a: 1\na: 2\n", 2), ("", 1), ("a: 1\n---\nb: 2\n", 2),
        ("a: [1\n", 2), ("a: *x\n", 1),
    ])
    func whatJSONCannotSayIsRefusedWithItsLine(yaml: String, line: Int) {
        let error = #expect(throws: YAMLDocumentError.self) { try JSON(yaml: yaml) }
        #expect(error?.line == line)
    }
}
