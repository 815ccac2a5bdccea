UPDATE enterprise.rollup_progress SET closed_until = $2 WHERE rollup = $1
