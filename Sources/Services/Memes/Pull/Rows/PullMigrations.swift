import Database

/// The tables of pulls.
let pullMigrations = [
    Migration(1, "pulls", module: "pull") { _ in
        [
            """
            CREATE TABLE pull_job (
                id TEXT PRIMARY KEY,
                source TEXT NOT NULL,
                profile TEXT NOT NULL,
                options TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'done', 'failed', 'cancelled')),
                fingerprint TEXT NOT NULL,
                owner TEXT NOT NULL,
                idempotency_key TEXT,
                last_key TEXT,
                list_done BIGINT NOT NULL DEFAULT 0,
                listed BIGINT NOT NULL DEFAULT 0,
                batches BIGINT NOT NULL DEFAULT 0,
                error_code TEXT,
                error_message TEXT,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL,
                finished_at BIGINT
            )
            """,
            "CREATE UNIQUE INDEX pull_job_unfinished ON pull_job (fingerprint) WHERE state IN ('running', 'paused')",
            """
            CREATE UNIQUE INDEX pull_job_by_request ON pull_job (owner, idempotency_key)
                WHERE idempotency_key IS NOT NULL
            """,
            "CREATE INDEX pull_job_by_time ON pull_job (created_at, id)",
            """
            CREATE TABLE pull_item (
                job_id TEXT NOT NULL REFERENCES pull_job (id) ON DELETE CASCADE,
                key TEXT NOT NULL,
                size_bytes BIGINT NOT NULL,
                tag TEXT NOT NULL,
                modified_at BIGINT NOT NULL,
                batch BIGINT NOT NULL,
                state TEXT NOT NULL
                    CHECK (state IN ('listed', 'done', 'duplicate', 'skipped', 'failed', 'dead', 'cancelled')),
                reason TEXT,
                message TEXT,
                attempts BIGINT NOT NULL DEFAULT 0,
                next_try BIGINT,
                content_hash TEXT,
                meme_id TEXT,
                updated_at BIGINT NOT NULL,
                PRIMARY KEY (job_id, key)
            )
            """,
            "CREATE INDEX pull_item_by_state ON pull_item (job_id, state, batch, key)",
            "CREATE INDEX pull_item_by_time ON pull_item (job_id, updated_at)",
            // What was taken from where, and how it looked then: what has not changed is not fetched again.
            """
            CREATE TABLE pull_seen (
                source TEXT PRIMARY KEY,
                size_bytes BIGINT NOT NULL,
                tag TEXT NOT NULL,
                modified_at BIGINT NOT NULL
            )
            """,
        ]
    },
    Migration(2, "pulls count what their sources have no more", module: "pull") { _ in
        [
            // NULL until a source was listed to its end and compared.
            "ALTER TABLE pull_job ADD COLUMN missing BIGINT",
            "ALTER TABLE pull_job ADD COLUMN deleted BIGINT NOT NULL DEFAULT 0",
        ]
    },
]
