INSERT INTO enterprise.operation_deltas
    (writer, batch, minutes, operations, buckets, spans, errors, durations_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
