SELECT count(*) AS rows, 0 AS traces FROM ({matches}) AS found
