leaf.ctid = ANY (ARRAY(
    SELECT format('(%s,%s)', {first} + place / {lines}, 1 + place % {lines})::tid
    FROM (SELECT floor((step + random()) * {stride})::bigint FROM generate_series(0, {steps} - 1) AS step) AS p(place)))
