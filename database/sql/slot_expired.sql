SELECT coalesce(max(received_at) <= $1, false) FROM enterprise.ingest_batches_{slot}
