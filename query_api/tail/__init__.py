"""Live tail: new logs to whoever watches, each once, as they are committed."""
