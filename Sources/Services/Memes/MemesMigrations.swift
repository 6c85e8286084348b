import Database

/// The tables of the memes service.
let memesMigrations = [
    Migration(1, "memes", module: "memes") { _ in
        [
            // The next number and the last change. Whoever writes takes them as the last thing of the transaction: the
            // locked row makes changes visible in the order of their numbers, and nobody waits longer than a commit.
            "CREATE TABLE meme_counter (name TEXT PRIMARY KEY, value BIGINT NOT NULL)",
            "INSERT INTO meme_counter (name, value) VALUES ('number', 0), ('change', 0)",
            """
            CREATE TABLE meme (
                id TEXT PRIMARY KEY,
                number BIGINT NOT NULL UNIQUE CHECK (number BETWEEN 1 AND 4294967295),
                content_hash TEXT NOT NULL UNIQUE,
                status TEXT NOT NULL CHECK (status IN ('partial', 'ready', 'failed')),
                file_name TEXT NOT NULL,
                mime_type TEXT NOT NULL,
                size_bytes BIGINT NOT NULL,
                width_px BIGINT NOT NULL,
                height_px BIGINT NOT NULL,
                frames BIGINT NOT NULL,
                perceptual_hash TEXT,
                difference_hash TEXT,
                colours TEXT NOT NULL,
                likes BIGINT NOT NULL DEFAULT 0,
                dislikes BIGINT NOT NULL DEFAULT 0,
                sent BIGINT NOT NULL DEFAULT 0,
                change BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL
            )
            """,
            "CREATE UNIQUE INDEX meme_by_change ON meme (change)",
            "CREATE INDEX meme_by_status ON meme (status, created_at)",
            // What is gone, so that every index hears of it. A number is never used again.
            "CREATE TABLE meme_gone (number BIGINT PRIMARY KEY, change BIGINT NOT NULL UNIQUE)",
            """
            CREATE TABLE meme_text (
                meme_id TEXT NOT NULL REFERENCES meme (id) ON DELETE CASCADE,
                field TEXT NOT NULL,
                provenance TEXT NOT NULL CHECK (provenance IN ('human', 'vlm', 'ocr', 'filename')),
                value TEXT NOT NULL,
                confidence DOUBLE PRECISION,
                updated_at BIGINT NOT NULL,
                PRIMARY KEY (meme_id, field, provenance)
            )
            """,
            // Where a meme came from: several keys may hold the same bytes.
            """
            CREATE TABLE meme_alias (
                source TEXT PRIMARY KEY,
                meme_id TEXT NOT NULL REFERENCES meme (id) ON DELETE CASCADE,
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX meme_alias_by_meme ON meme_alias (meme_id)",
            """
            CREATE TABLE meme_library (
                id TEXT PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                version TEXT NOT NULL,
                author TEXT NOT NULL,
                description TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE meme_shelf (
                library_id TEXT NOT NULL REFERENCES meme_library (id) ON DELETE CASCADE,
                meme_id TEXT NOT NULL REFERENCES meme (id) ON DELETE CASCADE,
                PRIMARY KEY (library_id, meme_id)
            )
            """,
            "CREATE INDEX meme_shelf_by_meme ON meme_shelf (meme_id)",
            // What a stage found out about some bytes: never paid for twice, whatever becomes of the meme.
            """
            CREATE TABLE meme_stage (
                content_hash TEXT NOT NULL,
                stage TEXT NOT NULL,
                version TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('done', 'skipped', 'failed')),
                detail TEXT NOT NULL,
                result TEXT,
                updated_at BIGINT NOT NULL,
                PRIMARY KEY (content_hash, stage, version)
            )
            """,
            """
            CREATE TABLE meme_space (
                name TEXT PRIMARY KEY,
                dimensions BIGINT NOT NULL CHECK (dimensions > 0),
                state TEXT NOT NULL CHECK (state IN ('building', 'active', 'retired')),
                created_at BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE meme_vector (
                space TEXT NOT NULL REFERENCES meme_space (name) ON DELETE CASCADE,
                meme_id TEXT NOT NULL REFERENCES meme (id) ON DELETE CASCADE,
                part TEXT NOT NULL,
                vector BYTEA NOT NULL,
                PRIMARY KEY (space, meme_id, part)
            )
            """,
            "CREATE INDEX meme_vector_by_meme ON meme_vector (meme_id)",
            """
            CREATE TABLE meme_feedback (
                id TEXT PRIMARY KEY,
                meme_id TEXT NOT NULL REFERENCES meme (id) ON DELETE CASCADE,
                query TEXT NOT NULL,
                kind TEXT NOT NULL CHECK (kind IN ('like', 'dislike', 'sent')),
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX meme_feedback_by_meme ON meme_feedback (meme_id)",
            // Changes to many memes that can be taken back: what was before.
            """
            CREATE TABLE meme_batch (
                id TEXT PRIMARY KEY,
                kind TEXT NOT NULL CHECK (kind IN ('rename', 'label')),
                before TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                undone_at BIGINT
            )
            """,
        ]
    }
]
