-- The first quarter from $1 on, before $2, that has minutes.
SELECT date_bin('15 minutes', min(minute), 'epoch') FROM enterprise.{minutes} WHERE minute >= $1 AND minute < $2
