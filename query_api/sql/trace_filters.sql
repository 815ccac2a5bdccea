start_time >= $1
      AND ($2::timestamptz IS NULL OR start_time < $2)
      AND ($3::text IS NULL OR status = $3)
      AND ($4::text IS NULL OR user_email = $4)
      AND ($5::float8 IS NULL OR duration_ms >= $5)
      AND {matches}
