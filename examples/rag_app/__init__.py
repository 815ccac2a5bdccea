"""A chat over a small corpus, in two processes, instrumented with standard OpenTelemetry packages only."""
