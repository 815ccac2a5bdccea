INSERT INTO enterprise.log_deltas (writer, batch, minutes, services, levels, logs)
VALUES ($1, $2, $3, $4, $5, $6)
