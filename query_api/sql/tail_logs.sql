-- $1 writers that have committed, $2 after which batch of each, $3 up to which; $4 the snapshot that plain SQL was read
-- by, $5 the one it is read up to; $6 to $8 writer, batch and id of the row that was read last, where that was within
-- a batch. OFFSET 0 keeps the planner from taking parts apart.
SELECT page.writer, page.batch, page.id::text AS id, page.matched,
       json_build_object('id', page.id, 'timestamp', page.timestamp, 'level', page.level,
                         'logger_name', page.logger_name, 'message', page.message, 'trace_id', page.trace_id)::text AS item
FROM (
    SELECT log.writer, log.batch, log.id, log.timestamp, log.level, log.logger_name, log.message, log.trace_id,
           ARRAY[{tests}] AS matched
    FROM (
        SELECT log.*, CASE WHEN {wordy} THEN enterprise.message_words(log.message) END AS words
        FROM (
            SELECT stored.*
            FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) AS due(writer, after, upto)
            CROSS JOIN LATERAL (
                SELECT * FROM enterprise.structured_logs AS log
                WHERE log.writer = due.writer AND log.batch > due.after AND log.batch <= due.upto
                OFFSET 0
            ) AS stored
            WHERE stored.writer <> $6::integer OR stored.batch <> $7::bigint OR stored.id > $8::text::uuid
            UNION ALL
            SELECT * FROM enterprise.structured_logs AS log
            WHERE log.writer = 0
              AND log.batch >= pg_snapshot_xmin($4::text::pg_snapshot)::text::bigint
              AND log.batch < pg_snapshot_xmax($5::text::pg_snapshot)::text::bigint
              AND NOT pg_visible_in_snapshot(log.batch::text::xid8, $4::text::pg_snapshot)
              AND pg_visible_in_snapshot(log.batch::text::xid8, $5::text::pg_snapshot)
              AND ($6::integer <> 0 OR (log.batch, log.id) > ($7::bigint, $8::text::uuid))
        ) AS log
        OFFSET 0
    ) AS log
    OFFSET 0
) AS page
WHERE true = ANY (page.matched)
ORDER BY page.batch, page.writer, page.id
