UPDATE enterprise.ingest_batches SET rejected = $2, message = $3 WHERE digest = $1
