timestamp >= $1
      AND ($2::timestamptz IS NULL OR timestamp < $2)
      AND ($3::text IS NULL OR level = $3)
      AND ($4::text IS NULL OR strpos(logger_name, $4) > 0)
      AND ($5::text IS NULL OR trace_id = $5)
      AND ($6::text IS NULL OR user_email = $6)
      AND ($7::text IS NULL OR message COLLATE "C" ILIKE ALL (enterprise.message_patterns($7)))
      AND ($7::text IS NULL OR enterprise.message_words(message) @@ plainto_tsquery('english', $7))
      AND {matches}
