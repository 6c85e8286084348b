import Database

/// The tables of this module, for `migrate`.
package let jobMigrations = [
    Migration(1, "jobs", module: "jobs") { dialect in
        let tables: [SQL] = [
            // attempt grows with every claim and is the fence; excused (snoozes, stops) and lost (crashes) are the
            // claims among them that do not count as tries.
            """
            CREATE TABLE job (
                id               TEXT   PRIMARY KEY,
                queue            TEXT   NOT NULL,
                kind             TEXT   NOT NULL,
                state            TEXT   NOT NULL
                    CHECK (state IN ('ready', 'delayed', 'running', 'done', 'dead', 'cancelled')),
                priority         BIGINT NOT NULL,
                run_at           BIGINT NOT NULL,
                arguments        TEXT   NOT NULL,
                unique_key       TEXT,
                request_id       TEXT,
                attempt          BIGINT NOT NULL DEFAULT 0,
                excused          BIGINT NOT NULL DEFAULT 0,
                lost             BIGINT NOT NULL DEFAULT 0,
                holder           TEXT,
                cancel_requested BIGINT NOT NULL DEFAULT 0 CHECK (cancel_requested IN (0, 1)),
                progress         DOUBLE PRECISION,
                note             TEXT,
                failure_code     TEXT,
                failure_message  TEXT,
                failure_detail   TEXT,
                created_at       BIGINT NOT NULL,
                started_at       BIGINT,
                finished_at      BIGINT,
                expires_at       BIGINT,
                CHECK ((state = 'running') = (holder IS NOT NULL))
            )
            """,
            // Partial indexes stay as small as the work that waits, however many finished rows are kept. The first
            // covers the whole ORDER BY of a claim: without the id, a bulk insert makes every claim a sort.
            "CREATE INDEX job_ready ON job (queue, priority DESC, run_at, id) WHERE state = 'ready'",
            "CREATE INDEX job_due ON job (run_at) WHERE state = 'delayed'",
            "CREATE INDEX job_held ON job (holder) WHERE state = 'running'",
            "CREATE INDEX job_dead ON job (finished_at, id) WHERE state = 'dead'",
            "CREATE INDEX job_expiry ON job (expires_at) WHERE expires_at IS NOT NULL",
            """
            CREATE UNIQUE INDEX job_unique ON job (kind, unique_key)
            WHERE unique_key IS NOT NULL AND state IN ('ready', 'delayed', 'running')
            """,
            """
            CREATE TABLE job_worker (
                id           TEXT   PRIMARY KEY,
                started_at   BIGINT NOT NULL,
                heartbeat_at BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE job_schedule (
                name    TEXT   PRIMARY KEY,
                cron    TEXT   NOT NULL,
                next_at BIGINT NOT NULL
            )
            """,
        ]
        return dialect == .postgresql ? tables + postgreSQLStorage : tables
    },
    Migration(2, "traces and rates", module: "jobs") { _ in
        [
            // The W3C traceparent of whoever enqueued.
            "ALTER TABLE job ADD COLUMN trace_parent TEXT",
            "CREATE INDEX job_done ON job (finished_at) WHERE state = 'done'",
        ]
    },
    Migration(3, "breakers, scaling and monitors", module: "jobs") { _ in
        [
            // failures are the moments of the last ones, in milliseconds, with spaces between; probe is the job that
            // a half-open breaker has let through.
            """
            CREATE TABLE job_breaker (
                kind      TEXT   PRIMARY KEY,
                queue     TEXT   NOT NULL,
                state     TEXT   NOT NULL CHECK (state IN ('closed', 'open', 'half_open')),
                failures  TEXT   NOT NULL DEFAULT '',
                reason    TEXT,
                opened_at BIGINT,
                resume_at BIGINT,
                probe     TEXT
            )
            """,
            """
            CREATE TABLE job_scaling (
                queue           TEXT   PRIMARY KEY,
                concurrency     BIGINT NOT NULL,
                low_readings    BIGINT NOT NULL,
                cool_down_until BIGINT NOT NULL,
                limiting_factor TEXT   NOT NULL,
                decided_at      BIGINT NOT NULL
            )
            """,
            // deadline is a duration in milliseconds; due_at is NULL while nothing is waited for.
            """
            CREATE TABLE job_monitor (
                name     TEXT   PRIMARY KEY,
                kind     TEXT   NOT NULL,
                starts   TEXT   NOT NULL CHECK (starts IN ('done', 'enqueued')),
                deadline BIGINT NOT NULL,
                due_at   BIGINT
            )
            """,
            // The queues that the worker works off and their fixed lanes: "images=4,mail=0".
            "ALTER TABLE job_worker ADD COLUMN queues TEXT NOT NULL DEFAULT ''",
        ]
    },
    Migration(4, "scaling history", module: "jobs") { _ in
        [
            // The latest changes of a queue's concurrency, as a JSON list.
            "ALTER TABLE job_scaling ADD COLUMN history TEXT NOT NULL DEFAULT '[]'"
        ]
    },
    Migration(5, "memory of workers", module: "jobs") { _ in
        [
            // Bytes that the worker's process may still take, as of its heartbeat.
            "ALTER TABLE job_worker ADD COLUMN memory_room BIGINT"
        ]
    },
    Migration(6, "needs of queues", module: "jobs") { _ in
        [
            // How many jobs at once the partner of a queue can use; NULL for any number.
            "ALTER TABLE job_scaling ADD COLUMN need DOUBLE PRECISION"
        ]
    },
]

/// Every job changes its row three times and most are gone soon: room for the new versions beside the old, and a
/// vacuum that comes long before a fifth of the table is dead.
private let postgreSQLStorage: [SQL] = [
    """
    ALTER TABLE job SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000,
        autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 1000, autovacuum_vacuum_cost_delay = 0)
    """,
    "ALTER TABLE job_worker SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 100)",
]
