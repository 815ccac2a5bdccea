"""Plain SQL migrations, 008 onwards, each with a way back; `otelgres migrate` runs them in order."""
