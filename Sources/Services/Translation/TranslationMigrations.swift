import Database

/// The tables of the translation service.
let translationMigrations = [
    Migration(1, "translation", module: "translation") { _ in
        [
            // Its state follows from its images; `seq` counts the results, `delivered` those that a poll without a
            // cursor has told. Until its last picture is stored a task is not `accepted`, and nobody sees it.
            """
            CREATE TABLE translation_task (
                id TEXT PRIMARY KEY,
                owner TEXT NOT NULL,
                target TEXT NOT NULL,
                source TEXT,
                provider TEXT,
                options TEXT NOT NULL,
                webhook_url TEXT,
                images BIGINT NOT NULL CHECK (images > 0),
                accepted BIGINT NOT NULL DEFAULT 0,
                seq BIGINT NOT NULL DEFAULT 0,
                delivered BIGINT NOT NULL DEFAULT 0,
                created_at BIGINT NOT NULL,
                expires_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX translation_task_by_end ON translation_task (expires_at)",
            "CREATE INDEX translation_task_by_owner ON translation_task (owner, id)",
            // One picture: the unit of work. Its id is that of the stored picture.
            """
            CREATE TABLE translation_image (
                id TEXT PRIMARY KEY,
                task_id TEXT NOT NULL REFERENCES translation_task (id) ON DELETE CASCADE,
                position BIGINT NOT NULL,
                state TEXT NOT NULL CHECK (state IN
                    ('queued', 'reading', 'translating', 'rendering', 'completed', 'failed', 'cancelled')),
                job_id TEXT,
                seq BIGINT NOT NULL DEFAULT 0,
                revision BIGINT NOT NULL DEFAULT 0,
                content_hash TEXT NOT NULL,
                file_name TEXT NOT NULL,
                width_px BIGINT NOT NULL,
                height_px BIGINT NOT NULL,
                source TEXT,
                provider TEXT,
                model TEXT,
                cost DOUBLE PRECISION NOT NULL DEFAULT 0,
                blocks TEXT,
                flags TEXT NOT NULL DEFAULT '[]',
                error_code TEXT,
                error TEXT,
                started_at BIGINT,
                completed_at BIGINT,
                UNIQUE (task_id, position)
            )
            """,
            "CREATE INDEX translation_image_by_state ON translation_image (state, id)",
            "CREATE INDEX translation_image_by_end ON translation_image (completed_at) WHERE completed_at IS NOT NULL",
            // What was found out about equal pictures, and translated for equal wishes.
            """
            CREATE TABLE translation_memory (
                id TEXT PRIMARY KEY,
                value TEXT NOT NULL,
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX translation_memory_by_time ON translation_memory (created_at)",
            """
            CREATE TABLE translation_idempotency (
                owner TEXT NOT NULL,
                idempotency_key TEXT NOT NULL,
                request_hash TEXT NOT NULL,
                task_id TEXT NOT NULL REFERENCES translation_task (id) ON DELETE CASCADE,
                PRIMARY KEY (owner, idempotency_key)
            )
            """,
            "CREATE INDEX translation_idempotency_by_task ON translation_idempotency (task_id)",
        ]
    },
    Migration(2, "fair turns", module: "translation") { _ in
        [
            // Whose it is, for taking turns, and its turn; a picture without a job has none yet.
            "ALTER TABLE translation_image ADD COLUMN client TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE translation_image ADD COLUMN turn BIGINT NOT NULL DEFAULT 0",
            """
            CREATE INDEX translation_image_by_turn ON translation_image (turn)
            WHERE completed_at IS NULL AND job_id IS NOT NULL
            """,
            """
            CREATE INDEX translation_image_by_client ON translation_image (client, turn)
            WHERE completed_at IS NULL AND job_id IS NOT NULL
            """,
        ]
    },
    Migration(3, "memory of tasks", module: "translation") { _ in
        [
            // Which tasks use what is remembered: it goes with the last of them. What one of them asks for is not there
            // yet, so this refers to no row.
            """
            CREATE TABLE translation_memory_use (
                memory_id TEXT NOT NULL,
                task_id TEXT NOT NULL REFERENCES translation_task (id) ON DELETE CASCADE,
                PRIMARY KEY (memory_id, task_id)
            )
            """,
            "CREATE INDEX translation_memory_use_by_task ON translation_memory_use (task_id)",
            // Who asks a model for something right now, so that nobody else does. The holder is a picture.
            """
            CREATE TABLE translation_claim (
                id TEXT PRIMARY KEY,
                holder TEXT NOT NULL,
                expires_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX translation_claim_by_end ON translation_claim (expires_at)",
            "CREATE INDEX translation_claim_by_holder ON translation_claim (holder)",
            // The number that the latest drawing of a person's words got, also one that was not taken.
            "ALTER TABLE translation_image ADD COLUMN drawings BIGINT NOT NULL DEFAULT 0",
        ]
    },
    Migration(4, "deadlines", module: "translation") { _ in
        [
            // Until when the first choice of who translates is waited for.
            "ALTER TABLE translation_task ADD COLUMN deadline_at BIGINT"
        ]
    },
    Migration(5, "files that become pictures", module: "translation") { _ in
        [
            // The object that was sent, while no picture was made of it yet, and the page (from 0) of a document.
            "ALTER TABLE translation_image ADD COLUMN sent_key TEXT",
            "ALTER TABLE translation_image ADD COLUMN sent_page BIGINT",
            // What came in archives and is no picture: a JSON list of names and reasons.
            "ALTER TABLE translation_task ADD COLUMN skipped TEXT NOT NULL DEFAULT '[]'",
        ]
    },
    Migration(6, "what clients use", module: "translation") { _ in
        [
            // Days are counted from 1970 in UTC. It outlives the tasks, which may be deleted at any time.
            """
            CREATE TABLE translation_usage (
                client TEXT NOT NULL,
                day BIGINT NOT NULL,
                images BIGINT NOT NULL DEFAULT 0,
                cost DOUBLE PRECISION NOT NULL DEFAULT 0,
                PRIMARY KEY (client, day)
            )
            """,
            "CREATE INDEX translation_usage_by_day ON translation_usage (day)",
        ]
    },
    Migration(7, "times of stages", module: "translation") { _ in
        [
            // How long each stage worked on the picture, without what it waited; waits are foretold from it.
            "ALTER TABLE translation_image ADD COLUMN read_ms BIGINT",
            "ALTER TABLE translation_image ADD COLUMN translate_ms BIGINT",
            "ALTER TABLE translation_image ADD COLUMN render_ms BIGINT",
        ]
    },
    Migration(8, "bytes of clients", module: "translation") { _ in
        [
            // What a client's tasks hold, counted where that is limited: of each, and of all together.
            "ALTER TABLE translation_task ADD COLUMN client TEXT",
            "ALTER TABLE translation_task ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0",
            "CREATE TABLE translation_storage (client TEXT PRIMARY KEY, bytes BIGINT NOT NULL)",
        ]
    },
]
