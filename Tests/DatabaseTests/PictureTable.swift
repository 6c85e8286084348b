import Database

enum Picture {}

/// A small table that most tests use.
let pictureTable: SQL = """
    CREATE TABLE picture (
        id    TEXT   PRIMARY KEY,
        title TEXT   NOT NULL,
        bytes BIGINT NOT NULL CHECK (bytes > 0),
        note  TEXT
    )
    """
