"""`otelgres doctor`: one look at an installation that changes nothing."""
