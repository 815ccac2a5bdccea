"""Version 2 of the API of Prometheus's Alertmanager, for its clients: amtool, Prometheus, karma and the like."""
