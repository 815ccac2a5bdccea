TRUNCATE enterprise.ingest_batches_{slot}
