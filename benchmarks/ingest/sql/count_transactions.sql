SELECT count(DISTINCT (writer, batch)) FROM enterprise.ingest_batches
