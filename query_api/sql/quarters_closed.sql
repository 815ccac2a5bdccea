SELECT closed_until FROM enterprise.rollup_progress WHERE rollup = $1
