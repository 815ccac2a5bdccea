SELECT coalesce(max(ended_before), 0) FROM enterprise.transaction_marks WHERE noted_at <= $1
