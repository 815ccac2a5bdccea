"""Live tail under load: `python -m benchmarks.tail`."""
