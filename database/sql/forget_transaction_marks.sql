DELETE FROM enterprise.transaction_marks
WHERE noted_at < (SELECT max(noted_at) FROM enterprise.transaction_marks WHERE noted_at <= $1)
