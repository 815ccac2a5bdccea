DELETE FROM enterprise.waiting_links WHERE start_time < $1
