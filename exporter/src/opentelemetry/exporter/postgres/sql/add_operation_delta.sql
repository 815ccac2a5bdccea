-- Arrays of numbers come as text: a driver encodes them element by element.
INSERT INTO enterprise.operation_deltas
    (writer, batch, minutes, operations, spans, errors, durations_ms, buckets)
VALUES ($1, $2, ARRAY(SELECT to_timestamp(minute * 60) FROM unnest($3::text::bigint[]) AS minute), $4::text::bigint[],
        $5::text::integer[], $6::text::integer[], $7::text::float[], $8::text::smallint[])
