"""Programs that show Otelgres at work. None of them is part of the server."""
