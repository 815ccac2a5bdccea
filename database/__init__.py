"""The PostgreSQL side of the server: pool, named queries, migrations, partitions and their care."""
