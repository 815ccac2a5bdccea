-- In two steps, because an interval of many µs is a double inside, which holds no more than 53 bits.
SELECT enterprise.merge_traces(
    $1::text::uuid[], $2::text::text[], $3::text::uuid[], $4::text::text[], $5, $6::text::text[], $7, $8, $9, $10,
    $11::text::text[], $12::text::uuid[], $13, $14::text::uuid[], $15, $16::text::uuid[], $17, $18::text::uuid[], $19,
    ARRAY(SELECT 'epoch'::timestamptz + us / 3600000000 * interval '1 hour' + us % 3600000000 * interval '1 microsecond'
          FROM unnest($20::text::bigint[]) AS us),
    ARRAY(SELECT 'epoch'::timestamptz + us / 3600000000 * interval '1 hour' + us % 3600000000 * interval '1 microsecond'
          FROM unnest($21::text::bigint[]) AS us),
    ARRAY(SELECT 'epoch'::timestamptz + us / 3600000000 * interval '1 hour' + us % 3600000000 * interval '1 microsecond'
          FROM unnest($22::text::bigint[]) AS us),
    $23::text::bigint[], $24::text::bigint[], $25)
