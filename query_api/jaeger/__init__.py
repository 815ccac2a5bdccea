"""The query API of Jaeger, for its page, Grafana's data source and whatever else reads it."""
