import Database

/// The tables of accounts.
package let accountsMigrations = [
    Migration(1, "api keys", module: "accounts") { _ in
        [
            """
            CREATE TABLE accounts_api_key (
                id TEXT PRIMARY KEY,
                name TEXT NOT NULL,
                hash BYTEA NOT NULL UNIQUE,
                prefix TEXT NOT NULL,
                owner TEXT NOT NULL,
                organization TEXT NOT NULL,
                scopes TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                expires_at BIGINT CHECK (expires_at > created_at),
                last_used_at BIGINT,
                revoked_at BIGINT
            )
            """,
            "CREATE INDEX accounts_api_key_by_owner ON accounts_api_key (owner, created_at)",
        ]
    }
]
