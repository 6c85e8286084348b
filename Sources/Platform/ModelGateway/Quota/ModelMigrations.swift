import Database

/// The table of the gateway: what each model took, by the day of its provider.
package let modelMigrations = [
    Migration(1, "usage of models", module: "models") { _ in
        [
            """
            CREATE TABLE model_usage (
                provider TEXT NOT NULL,
                model TEXT NOT NULL,
                day TEXT NOT NULL,
                requests BIGINT NOT NULL,
                images BIGINT NOT NULL,
                errors BIGINT NOT NULL,
                input_tokens BIGINT NOT NULL,
                output_tokens BIGINT NOT NULL,
                cost_micros BIGINT NOT NULL,
                PRIMARY KEY (provider, model, day)
            )
            """,
            "CREATE INDEX model_usage_by_day ON model_usage (day)",
        ]
    }
]
