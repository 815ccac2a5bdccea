UPDATE enterprise.deletions SET state = 'counted', finished_at = clock_timestamp() WHERE id = $1
