DELETE FROM enterprise.gen_ai_spans WHERE trace_id = ANY ($1::text[]) AND timestamp BETWEEN $2 AND $3
