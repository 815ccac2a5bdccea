"""The routes of alerts: what people read and set."""
