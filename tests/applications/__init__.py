"""Programs that record telemetry, to be run in processes of their own."""
