INSERT INTO enterprise.operation_deltas
    (writer, batch, minutes, operations, spans, errors, durations_ms, buckets)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
