import Database

/// The tables of the images service.
let imagesMigrations = [
    Migration(1, "images", module: "images") { _ in
        [
            """
            CREATE TABLE image (
                id TEXT PRIMARY KEY,
                job_id TEXT NOT NULL UNIQUE,
                owner TEXT NOT NULL,
                organization TEXT NOT NULL,
                bucket TEXT NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'retrying')),
                content_hash TEXT NOT NULL,
                recipe TEXT NOT NULL,
                mime_type TEXT NOT NULL,
                size_bytes BIGINT NOT NULL CHECK (size_bytes >= 0),
                metadata TEXT NOT NULL,
                facts TEXT,
                perceptual_hash TEXT,
                attempts BIGINT NOT NULL DEFAULT 0,
                error TEXT,
                created_at BIGINT NOT NULL,
                started_at BIGINT,
                completed_at BIGINT,
                deleted_at BIGINT
            )
            """,
            "CREATE INDEX image_by_time ON image (created_at)",
            "CREATE INDEX image_by_status ON image (status, completed_at)",
            "CREATE INDEX image_by_owner ON image (owner)",
            "CREATE INDEX image_by_content ON image (content_hash) WHERE status = 'completed'",
            // Covers the scan for similar pictures; a deleted picture has no hash.
            "CREATE INDEX image_by_likeness ON image (created_at, id, perceptual_hash) WHERE perceptual_hash IS NOT NULL",
            "CREATE INDEX image_deleted ON image (id) WHERE deleted_at IS NOT NULL",
            """
            CREATE TABLE image_variant (
                image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
                name TEXT NOT NULL,
                width_px BIGINT NOT NULL CHECK (width_px > 0),
                height_px BIGINT NOT NULL CHECK (height_px > 0),
                size_bytes BIGINT NOT NULL CHECK (size_bytes > 0),
                PRIMARY KEY (image_id, name)
            )
            """,
            // Append-only: what happened to a picture, written in the transaction of the change itself.
            """
            CREATE TABLE image_event (
                id TEXT PRIMARY KEY,
                kind TEXT NOT NULL,
                image_id TEXT NOT NULL,
                job_id TEXT NOT NULL,
                actor TEXT,
                detail TEXT NOT NULL,
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX image_event_by_image ON image_event (image_id, created_at)",
            "CREATE INDEX image_event_by_time ON image_event (created_at)",
            """
            CREATE TABLE image_upload_quota (
                owner TEXT NOT NULL,
                window_start BIGINT NOT NULL,
                uploads BIGINT NOT NULL CHECK (uploads >= 0),
                PRIMARY KEY (owner, window_start)
            )
            """,
            "CREATE INDEX image_upload_quota_by_window ON image_upload_quota (window_start)",
            """
            CREATE TABLE image_idempotency (
                owner TEXT NOT NULL,
                idempotency_key TEXT NOT NULL,
                request_hash TEXT NOT NULL,
                image_id TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (owner, idempotency_key)
            )
            """,
            "CREATE INDEX image_idempotency_by_time ON image_idempotency (created_at)",
        ]
    },
    Migration(2, "upload quotas of organisations and sliding windows", module: "images") { _ in
        [
            // Accepted uploads in a sixtieth of a window, of a user or of everyone in an organisation.
            """
            CREATE TABLE image_upload_slice (
                scope TEXT NOT NULL CHECK (scope IN ('user', 'organization')),
                subject TEXT NOT NULL,
                slice_start BIGINT NOT NULL,
                uploads BIGINT NOT NULL CHECK (uploads >= 0),
                PRIMARY KEY (scope, subject, slice_start)
            )
            """,
            "CREATE INDEX image_upload_slice_by_time ON image_upload_slice (slice_start)",
            // One row for whoever uploads: requests that count for the same subject wait for each other at it.
            """
            CREATE TABLE image_upload_subject (
                scope TEXT NOT NULL CHECK (scope IN ('user', 'organization')),
                subject TEXT NOT NULL,
                last_upload BIGINT NOT NULL,
                PRIMARY KEY (scope, subject)
            )
            """,
            // A whole window counts as its first slice.
            """
            INSERT INTO image_upload_slice (scope, subject, slice_start, uploads)
            SELECT 'user', owner, window_start, uploads FROM image_upload_quota
            """,
            "DROP TABLE image_upload_quota",
        ]
    },
    Migration(3, "kept originals", module: "images") { _ in
        [
            "ALTER TABLE image ADD COLUMN keeps_original BIGINT NOT NULL DEFAULT 0",
            "CREATE INDEX image_original_left ON image (id) WHERE deleted_at IS NOT NULL AND keeps_original = 1",
        ]
    },
]
