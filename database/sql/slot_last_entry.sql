SELECT max(received_at) FROM enterprise.ingest_batches_{slot}
