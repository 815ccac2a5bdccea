-- In a slice: else all later spans would be read, as they may come long after their trace's start.
($2::timestamptz IS NULL OR span.start_time <= (
    SELECT max(coalesce(began.latest_start, began.start_time)) FROM enterprise.traces AS began
    WHERE began.start_time >= $1 AND began.start_time < $2))
